import type { Getter, HeaderRecord } from "./carrier.ts";
import { B3_FIELDS } from "./formats/b3.ts";
import { X_REQUEST_ID } from "./formats/request-id.ts";

/**
 * Which headers a service behind a sidecar relays.
 * `envoy`: what Envoy's Zipkin tracer and request ids need. `istio`: the documented list.
 * `bookinfo`: what Istio's sample relays, minus the credentials. `all`: every known trace header.
 */
export type ForwardingPreset = "envoy" | "istio" | "bookinfo" | "all";

export interface ForwardingOptions {
  readonly preset?: ForwardingPreset;
  /** More headers to relay, in any case: application headers, or credentials such as `authorization`. */
  readonly headers?: readonly string[];
}

const W3C = ["traceparent", "tracestate"];
const DATADOG = ["x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority"];

// https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/observability/tracing
const ENVOY = [X_REQUEST_ID, ...B3_FIELDS, "x-client-trace-id", ...W3C];
// https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/
const ISTIO = [X_REQUEST_ID, ...W3C, ...B3_FIELDS, "x-ot-span-context"];
// https://github.com/istio/istio/tree/master/samples/bookinfo; `cookie`, `authorization` and `jwt`
// are credentials and have to be asked for. `b3` is ours: a lone `b3` would otherwise end here.
const BOOKINFO = [
  ...ISTIO,
  ...DATADOG,
  "x-cloud-trace-context",
  "grpc-trace-bin",
  "sw8",
  "end-user",
  "user-agent",
];
const ALL = [
  ...ENVOY,
  "baggage",
  "x-ot-span-context",
  ...DATADOG,
  "x-datadog-origin",
  "x-datadog-tags",
  "x-cloud-trace-context",
  "x-amzn-trace-id",
  "grpc-trace-bin",
  "sw8",
  "sw8-x",
  "sw8-correlation",
  "uber-trace-id",
  "ot-tracer-traceid",
  "ot-tracer-spanid",
  "ot-tracer-sampled",
];

export const FORWARDING_PRESETS: Readonly<Record<ForwardingPreset, readonly string[]>> = {
  envoy: ENVOY,
  istio: ISTIO,
  bookinfo: BOOKINFO,
  all: ALL,
};

const TRACE_CONTEXT_FIELDS: ReadonlySet<string> = new Set(
  ALL.filter((name) => ![X_REQUEST_ID, "x-client-trace-id", "baggage"].includes(name)),
);

/** Whether a header names a position in a trace, so that a second one beside it would contradict. */
export function isTraceContextField(name: string): boolean {
  return TRACE_CONTEXT_FIELDS.has(name);
}

/**
 * The headers to relay, as they arrived: names in lower case, values byte for byte, the first value
 * on repeats, nothing that is absent or empty.
 *
 * @example
 * forwardedHeaders(req, firstNodeHeader, { preset: "istio" }); // { "x-request-id": "…", … }
 */
export function forwardedHeaders<Carrier>(
  carrier: Carrier,
  get: Getter<Carrier>,
  options: ForwardingOptions = {},
): HeaderRecord {
  const headers: Record<string, string> = {};
  for (const name of forwardingFields(options)) {
    const value = get(carrier, name);
    // An empty x-b3-parentspanid sent on has split traces (istio/istio#11696).
    if (value !== undefined && value.trim() !== "") headers[name] = value;
  }
  return headers;
}

export function forwardingFields(options: ForwardingOptions): readonly string[] {
  const preset = FORWARDING_PRESETS[options.preset ?? "envoy"];
  return [...new Set([...preset, ...(options.headers ?? []).map((name) => name.toLowerCase())])];
}
