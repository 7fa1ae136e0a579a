import {
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { activeContext, reasonOf, runWithContext } from "@tracemesh/propagation";
import { now } from "./clock.ts";

/** The tracing of one service. */
export interface Telemetry {
  readonly serviceName: string;
  /** Its spans are children of the request being served, whether or not OTel globals are set. */
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /**
   * Runs `fn` in a span of its own; what it throws fails the span and goes on.
   *
   * @example
   * await telemetry.withSpan("getLoanList", () => model.find(userId));
   */
  withSpan<Result>(
    name: string,
    fn: (span: Span) => Result | Promise<Result>,
    options?: SpanOptions,
  ): Promise<Result>;
  /** Sends what waits, now. */
  flush(): Promise<void>;
  /** Sends what waits and stops, in bounded time; never rejects, a second call returns the first's promise. */
  shutdown(): Promise<void>;
}

/** What a started SDK offers. */
export interface TelemetryParts {
  readonly serviceName: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly shutdownTimeoutMs: number;
  readonly log: (line: string) => void;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /** Called when `shutdown` takes too long. */
  giveUp?(): void;
}

export function assembleTelemetry(parts: TelemetryParts): Telemetry {
  const tracer = contextualTracer(parts.tracer);
  let stopped: Promise<void> | undefined;
  return {
    serviceName: parts.serviceName,
    tracer,
    propagator: parts.propagator,
    withSpan: (name, fn, options = {}) => withSpan(tracer, name, fn, options),
    flush: () => bounded(parts.flush(), parts),
    shutdown: () => {
      stopped ??= bounded(parts.shutdown(), parts, () => parts.giveUp?.());
      return stopped;
    },
  };
}

async function withSpan<Result>(
  tracer: Tracer,
  name: string,
  fn: (span: Span) => Result | Promise<Result>,
  options: SpanOptions,
): Promise<Result> {
  const context = activeContext();
  const span = tracer.startSpan(name, options, context);
  try {
    return await runWithContext(trace.setSpan(context, span), () => fn(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(error) });
    throw error;
  } finally {
    span.end();
  }
}

/**
 * A tracer whose default parent is our active context (the SDK's own default needs a global manager) and
 * whose spans are timed in microseconds.
 */
export function contextualTracer(tracer: Tracer): Tracer {
  const startSpan: Tracer["startSpan"] = (name, options, context = activeContext()) =>
    endingExactly(tracer.startSpan(name, { startTime: now(), ...options }, context));
  // startActiveSpan(name, fn) | (name, options, fn) | (name, options, context, fn)
  const startActiveSpan = (name: string, ...rest: unknown[]): unknown => {
    const fn = rest.pop() as (span: Span) => unknown;
    const [options = {}, context = activeContext()] = rest as [
      SpanOptions?,
      ReturnType<typeof activeContext>?,
    ];
    const span = startSpan(name, options, context);
    return runWithContext(trace.setSpan(context, span), () => fn(span));
  };
  return { startSpan, startActiveSpan: startActiveSpan as Tracer["startActiveSpan"] };
}

// A span that was given its start ends by the wall clock's whole milliseconds, unless told when.
function endingExactly(span: Span): Span {
  if (!span.isRecording()) return span;
  const end = span.end.bind(span);
  span.end = (time = now()) => end(time);
  return span;
}

async function bounded(
  work: Promise<void>,
  parts: TelemetryParts,
  onTimeout: () => void = () => {},
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`not all spans sent within ${parts.shutdownTimeoutMs} ms`);
      onTimeout();
    }, parts.shutdownTimeoutMs);
  });
  const problem = await Promise.race([work.then(() => undefined, reasonOf), limit]);
  clearTimeout(timer);
  if (problem !== undefined) parts.log(`telemetry: ${problem}`);
}
