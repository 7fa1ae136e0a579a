/** The header that carries a SkyWalking trace. https://skywalking.apache.org/docs/main/latest/en/api/x-process-propagation-headers-v3/ */

/** The span that called, in the process before. */
export interface Sw8 {
  readonly traceId: string;
  readonly segmentId: string;
  readonly spanId: number;
  readonly service: string;
  readonly instance: string;
  readonly endpoint: string;
  /** The address that was called. */
  readonly target: string;
}

/**
 * Undefined: the value is no such header. Its first field, the sampling flag, is checked but not heeded, as in Envoy; unlike Envoy a header
 * without a trace or a segment counts for none, for it would join traces that have nothing to do with each other.
 */
export function parseSw8(value: string): Sw8 | undefined {
  const fields = value.split("-");
  if (fields.length !== 8) return undefined;
  const [sampled, trace, segment, span, ...rest] = fields;
  if (sampled !== "0" && sampled !== "1") return undefined;
  if (span === undefined || !/^\d{1,9}$/.test(span)) return undefined;
  const traceId = decode(trace);
  const segmentId = decode(segment);
  if (traceId === "" || segmentId === "") return undefined;
  const [service = "", instance = "", endpoint = "", target = ""] = rest.map(decode);
  return { traceId, segmentId, spanId: Number(span), service, instance, endpoint, target };
}

export function writeSw8(context: Sw8): string {
  const { traceId, segmentId, spanId, service, instance, endpoint, target } = context;
  const [trace, segment, ...rest] = [traceId, segmentId, service, instance, endpoint, target].map(
    encode,
  );
  return ["1", trace, segment, String(spanId), ...rest].join("-");
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What is not base64 is nothing. */
function decode(text = ""): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return "";
  return Buffer.from(text, "base64").toString("utf8");
}
