import type { Getter, Setter } from "../carrier.ts";
import { EMPTY, type Extracted, isSpanId, isTraceId, type Sampling } from "../trace-context.ts";

// https://github.com/openzipkin/b3-propagation#multiple-headers
export const X_B3_TRACE_ID = "x-b3-traceid";
export const X_B3_SPAN_ID = "x-b3-spanid";
export const X_B3_PARENT_SPAN_ID = "x-b3-parentspanid";
export const X_B3_SAMPLED = "x-b3-sampled";
export const X_B3_FLAGS = "x-b3-flags";

export const B3_MULTI_FIELDS: readonly string[] = [
  X_B3_TRACE_ID,
  X_B3_SPAN_ID,
  X_B3_PARENT_SPAN_ID,
  X_B3_SAMPLED,
  X_B3_FLAGS,
];

/** Reads the `x-b3-*` headers; undefined when one of them is malformed. */
export function extractB3Multi<Carrier>(
  carrier: Carrier,
  get: Getter<Carrier>,
): Extracted | undefined {
  const sampling = extractSampling(carrier, get);
  if (sampling === undefined) return undefined;

  const traceId = get(carrier, X_B3_TRACE_ID);
  if (traceId === undefined) {
    // A decision may come without ids; it must be passed on.
    return sampling === "unset" ? EMPTY : { kind: "sampling-only", sampling };
  }
  const spanId = get(carrier, X_B3_SPAN_ID);
  const parentId = get(carrier, X_B3_PARENT_SPAN_ID);
  if (!isTraceId(traceId) || spanId === undefined || !isSpanId(spanId)) return undefined;
  const context = { traceId, spanId, sampling, shared: false };
  if (parentId === undefined) return { kind: "context", context };
  return isSpanId(parentId) ? { kind: "context", context: { ...context, parentId } } : undefined;
}

/** Writes the `x-b3-*` headers: absent facts stay absent, debug is said by the flags alone. */
export function injectB3Multi<Carrier>(
  extracted: Extracted,
  carrier: Carrier,
  set: Setter<Carrier>,
): void {
  if (extracted.kind === "empty") return;
  if (extracted.kind === "sampling-only") {
    injectSampling(extracted.sampling, carrier, set);
    return;
  }
  const { traceId, spanId, parentId, sampling } = extracted.context;
  set(carrier, X_B3_TRACE_ID, traceId);
  set(carrier, X_B3_SPAN_ID, spanId);
  if (parentId !== undefined) set(carrier, X_B3_PARENT_SPAN_ID, parentId);
  injectSampling(sampling, carrier, set);
}

function extractSampling<Carrier>(carrier: Carrier, get: Getter<Carrier>): Sampling | undefined {
  const sampled = get(carrier, X_B3_SAMPLED);
  const accepted = sampled === undefined ? "unset" : parseSampled(sampled);
  if (accepted === undefined) return undefined;
  // py_zipkin always sends flags 0, so every value but 1 counts as absent.
  return get(carrier, X_B3_FLAGS) === "1" ? "debug" : accepted;
}

function parseSampled(value: string): Sampling | undefined {
  // Old tracers write the words; readers take them, nobody writes them.
  if (value === "1" || value.toLowerCase() === "true") return "sampled";
  if (value === "0" || value.toLowerCase() === "false") return "not-sampled";
  return undefined;
}

function injectSampling<Carrier>(sampling: Sampling, carrier: Carrier, set: Setter<Carrier>): void {
  if (sampling === "debug") set(carrier, X_B3_FLAGS, "1");
  else if (sampling !== "unset") set(carrier, X_B3_SAMPLED, sampling === "sampled" ? "1" : "0");
}
