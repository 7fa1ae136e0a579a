import {
  type Context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import type { Getter } from "./carrier.ts";
import { B3_FIELDS, type B3Format, extractB3, injectB3 } from "./formats/b3.ts";
import { extractW3c, injectW3c, W3C_FIELDS } from "./formats/w3c.ts";
import { getExtracted, withExtracted } from "./request-context.ts";
import { EMPTY, type Extracted, isSampled, padTraceId, type Sampling } from "./trace-context.ts";

export interface PropagatorOptions {
  /** How contexts go out; both forms are always read. Default `multi`, which every Envoy reads. */
  readonly format?: B3Format;
  /** Also read W3C Trace Context where no B3 came, and write it beside B3. Default false, as Envoy. */
  readonly w3c?: boolean;
}

/**
 * Participating: an OTel propagator with Brave's semantics. 64-bit ids, debug, an undecided state and a
 * decision without ids survive, because what was extracted travels in the Context beside the SpanContext.
 *
 * @example
 * new NodeSDK({ textMapPropagator: createPropagator() }).start();
 */
export function createPropagator(options: PropagatorOptions = {}): TextMapPropagator {
  const { format = "multi", w3c = false } = options;
  return {
    fields: () => (w3c ? [...B3_FIELDS, ...W3C_FIELDS] : [...B3_FIELDS]),
    extract(context, carrier, getter) {
      const b3 = extractB3(carrier, firstValue(getter));
      if (!w3c || b3.kind === "context") return contextWith(context, b3);
      const values = (name: string): readonly string[] => allValues(getter.get(carrier, name));
      const found = extractW3c(context, values);
      return contextWith(found.context, found.extracted.kind === "empty" ? b3 : found.extracted);
    },
    inject(context, carrier, setter) {
      const position = outgoing(context);
      injectB3(position, carrier, (to, name, value) => setter.set(to, name, value), format);
      if (w3c) injectW3c(context, position, carrier, setter);
    },
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

function firstValue<Carrier>(getter: TextMapGetter<Carrier>): Getter<Carrier> {
  return (carrier, name) => allValues(getter.get(carrier, name))[0];
}

function allValues(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
