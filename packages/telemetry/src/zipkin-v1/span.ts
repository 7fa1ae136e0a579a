/**
 * Zipkin's v1 span: what happened is told by annotations (cs, cr, sr, ss), who did it by the endpoint on each of them.
 * https://github.com/openzipkin/zipkin-api/blob/master/thrift/zipkinCore.thrift
 */
import { type HrTime, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

export interface V1Endpoint {
  readonly serviceName: string;
  /** Dotted quad. */
  readonly ipv4?: string;
  readonly port?: number;
}

export interface V1Annotation {
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  readonly value: string;
  readonly endpoint: V1Endpoint;
}

/** Only string values: Zipkin keeps no others. `sa` and `ca` are address annotations: their value is true, the endpoint is the peer. */
export type V1BinaryAnnotation =
  | { readonly key: string; readonly value: string; readonly endpoint: V1Endpoint }
  | { readonly key: "sa" | "ca"; readonly value: true; readonly endpoint: V1Endpoint };

export interface V1Span {
  /** 16 or 32 lower-case hex digits. */
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  /** Microseconds, at least 1. */
  readonly duration: number;
  readonly annotations: readonly V1Annotation[];
  readonly binaryAnnotations: readonly V1BinaryAnnotation[];
}

/** Start and end annotations of a kind; spans without one are told by an `lc` (local component) annotation. */
const coreAnnotations: Partial<Record<SpanKind, readonly [start: string, end: string]>> = {
  [SpanKind.CLIENT]: ["cs", "cr"],
  [SpanKind.SERVER]: ["sr", "ss"],
};

export function toV1Span(span: ReadableSpan, endpoint: V1Endpoint): V1Span {
  const context = span.spanContext();
  const start = micros(span.startTime);
  const duration = Math.max(1, micros(span.duration));
  const core = coreAnnotations[span.kind];
  const at = (timestamp: number, value: string): V1Annotation => ({ timestamp, value, endpoint });
  const parentId = span.parentSpanContext?.spanId;
  return {
    traceId: narrow(context.traceId),
    id: context.spanId,
    ...(parentId === undefined ? {} : { parentId }),
    name: span.name,
    timestamp: start,
    duration,
    annotations: [
      ...(core ? [at(start, core[0])] : []),
      ...span.events.map((event) => at(micros(event.time), event.name)),
      ...(core ? [at(start + duration, core[1])] : []),
    ],
    binaryAnnotations: [
      ...tags(span).map(([key, value]) => ({ key, value, endpoint })),
      ...(core ? [] : [{ key: "lc", value: "", endpoint }]),
    ],
  };
}

function tags(span: ReadableSpan): [key: string, value: string][] {
  const result = Object.entries(span.attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, string] => [key, String(value)]);
  if (span.status.code === SpanStatusCode.ERROR && !result.some(([key]) => key === "error")) {
    result.push(["error", span.status.message ?? "true"]);
  }
  return result;
}

/** A 64-bit trace id travels through OpenTelemetry padded to 128 bits; on the wire it is 16 digits again. */
function narrow(traceId: string): string {
  return traceId.startsWith("0000000000000000") ? traceId.slice(16) : traceId;
}

function micros([seconds, nanos]: HrTime): number {
  return seconds * 1_000_000 + Math.round(nanos / 1_000);
}
