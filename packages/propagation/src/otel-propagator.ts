import {
  type Context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { B3_FIELDS, type B3Format, extractB3, injectB3 } from "./formats/b3.ts";
import { getExtracted, withExtracted } from "./request-context.ts";
import { EMPTY, type Extracted, isSampled, padTraceId, type Sampling } from "./trace-context.ts";

export interface PropagatorOptions {
  /** How contexts go out; both forms are always read. Default `multi`, which every Envoy reads. */
  readonly format?: B3Format;
}

/**
 * Participating: an OTel propagator with Brave's semantics. 64-bit ids, debug, an undecided state and a
 * decision without ids survive, because what was extracted travels in the Context beside the SpanContext.
 *
 * @example
 * new NodeSDK({ textMapPropagator: createPropagator() }).start();
 */
export function createPropagator(options: PropagatorOptions = {}): TextMapPropagator {
  const format = options.format ?? "multi";
  return {
    fields: () => [...B3_FIELDS],
    extract: (context, carrier, getter) =>
      contextWith(context, extractB3(carrier, firstValue(getter))),
    inject: (context, carrier, setter) =>
      injectB3(outgoing(context), carrier, nonNull(setter), format),
  };
}

/** What a call made in this context says to the next hop. */
export function outgoing(context: Context): Extracted {
  const extracted = getExtracted(context);
  const span = trace.getSpan(context);
  const spanContext = span?.spanContext();
  if (span === undefined || spanContext === undefined || !isSpanContextValid(spanContext)) {
    return extracted.kind === "sampling-only" ? extracted : EMPTY;
  }
  const received = extracted.kind === "context" ? extracted.context : undefined;
  const sameTrace = received !== undefined && padTraceId(received.traceId) === spanContext.traceId;
  // No span was made here: the caller's position goes on as it came.
  if (sameTrace && received.spanId === spanContext.spanId) return extracted;

  const parentId = parentIdOf(span);
  return {
    kind: "context",
    context: {
      traceId: sameTrace ? received.traceId : spanContext.traceId,
      spanId: spanContext.spanId,
      ...(parentId === undefined ? {} : { parentId }),
      sampling: samplingOf(spanContext, sameTrace || !received ? extracted : EMPTY),
      shared: false,
    },
  };
}

function contextWith(context: Context, extracted: Extracted): Context {
  if (extracted.kind === "empty") return context;
  const kept = withExtracted(context, extracted);
  if (extracted.kind === "sampling-only") return kept;
  const { traceId, spanId, sampling } = extracted.context;
  return trace.setSpanContext(kept, {
    traceId: padTraceId(traceId),
    spanId,
    traceFlags: isSampled(sampling) === true ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

function samplingOf(spanContext: SpanContext, extracted: Extracted): Sampling {
  if ((spanContext.traceFlags & TraceFlags.SAMPLED) === 0) return "not-sampled";
  const sent =
    extracted.kind === "context"
      ? extracted.context.sampling
      : extracted.kind === "sampling-only" && extracted.sampling;
  return sent === "debug" ? "debug" : "sampled";
}

// Recording spans of the SDK carry their parent; the API's Span type does not say so.
function parentIdOf(span: Span): string | undefined {
  if (!("parentSpanContext" in span)) return undefined;
  const parent = span.parentSpanContext as SpanContext | undefined;
  return parent?.spanId;
}

function firstValue<Carrier>(
  getter: TextMapGetter<Carrier>,
): (carrier: Carrier, name: string) => string | undefined {
  return (carrier, name) => {
    const value = getter.get(carrier, name);
    return Array.isArray(value) ? value[0] : value;
  };
}

function nonNull<Carrier>(
  setter: TextMapSetter<Carrier>,
): (carrier: Carrier, name: string, value: string) => void {
  return (carrier, name, value) => setter.set(carrier, name, value);
}
