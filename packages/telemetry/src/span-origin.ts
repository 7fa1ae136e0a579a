import type { Context } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import { getExtracted, padTraceId } from "@tracemesh/propagation";

/** What the wire said about a span's trace and a ReadableSpan cannot hold. */
export interface SpanOrigin {
  /** The trace id as wide as it came: 16 digits stay 16. */
  readonly traceId: string;
  readonly debug: boolean;
}

const origins = new WeakMap<object, SpanOrigin>();

/** Notes the origin of each span as it starts, while its Context is at hand. */
export const spanOriginProcessor: SpanProcessor = {
  onStart(span, context) {
    const origin = originOf(span.spanContext().traceId, context);
    if (origin !== undefined) origins.set(span, origin);
  },
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

export function getSpanOrigin(span: ReadableSpan): SpanOrigin | undefined {
  return origins.get(span);
}

function originOf(traceId: string, context: Context): SpanOrigin | undefined {
  const extracted = getExtracted(context);
  if (extracted.kind === "empty") return undefined;
  if (extracted.kind === "sampling-only") {
    return { traceId, debug: extracted.sampling === "debug" };
  }
  const received = extracted.context;
  if (padTraceId(received.traceId) !== traceId) return undefined;
  return { traceId: received.traceId, debug: received.sampling === "debug" };
}
