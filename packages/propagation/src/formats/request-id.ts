// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-request-id
export const X_REQUEST_ID = "x-request-id";

/** Why Envoy traces a request, as packed into the 15th character of a UUID request id. */
export type TraceReason = "not-traced" | "sampled" | "service-forced" | "client-forced";

const REASONS: Readonly<Record<string, TraceReason>> = {
  "4": "not-traced",
  "9": "sampled",
  a: "service-forced",
  b: "client-forced",
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The reason nibble of a UUID request id; undefined for other ids, which are forwarded all the same. */
export function parseTraceReason(requestId: string): TraceReason | undefined {
  if (!UUID.test(requestId)) return undefined;
  return REASONS[requestId.charAt(14).toLowerCase()];
}
