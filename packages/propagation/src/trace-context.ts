/** What the caller decided. "unset" is not "no": the next hop may still decide. */
export type Sampling = "unset" | "not-sampled" | "sampled" | "debug";

/** One position in a trace, as it stood on the wire. Ids are opaque lower-case hex and never padded or cut. */
export interface TraceContext {
  /** 16 or 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** 16 hex digits; absent at a root. */
  readonly parentId?: string;
  readonly sampling: Sampling;
  /** True when the span id was made by the caller and this side reports under the same id. */
  readonly shared: boolean;
}

/** A carrier can hold a whole context, only a decision, or nothing. */
export type Extracted =
  | { readonly kind: "context"; readonly context: TraceContext }
  | { readonly kind: "sampling-only"; readonly sampling: Exclude<Sampling, "unset"> }
  | { readonly kind: "empty" };

export const EMPTY: Extracted = { kind: "empty" };

const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const ALL_ZERO = /^0+$/;

/** 16 or 32 lower-case hex digits, not all zero. */
export function isTraceId(value: string): boolean {
  return TRACE_ID.test(value) && !ALL_ZERO.test(value);
}

/** 16 lower-case hex digits, not all zero. */
export function isSpanId(value: string): boolean {
  return SPAN_ID.test(value) && !ALL_ZERO.test(value);
}

/** The trace id as 32 digits, which is the only width an OTel SpanContext takes. */
export function padTraceId(traceId: string): string {
  return traceId.padStart(32, "0");
}

/** Whether spans of this context are reported; undefined while nobody has decided. */
export function isSampled(sampling: Sampling): boolean | undefined {
  if (sampling === "unset") return undefined;
  return sampling !== "not-sampled";
}
