import { type Context, type TextMapPropagator, type Tracer, trace } from "@opentelemetry/api";
import { activeContext, runWithContext } from "./active-context.ts";
import { endWithFailure, endWithResponse, startClientSpan } from "./client-span.ts";
import { fieldsWrittenByOthers } from "./coexistence.ts";
import { isTraceContextField } from "./forwarding.ts";
import { createPropagator } from "./otel-propagator.ts";
import { getForwarded } from "./request-context.ts";
import type { TraceMode } from "./trace-mode.ts";

export interface FetchOptions {
  /** Default `forward`. */
  readonly mode?: TraceMode;
  /** What makes the call. Default: the global fetch. */
  readonly fetch?: typeof fetch;
  /** Participating: makes the client spans. Default: the registered OTel tracer. */
  readonly tracer?: Tracer;
  /** Participating: writes the context. Default: B3 multi. */
  readonly propagator?: TextMapPropagator;
}

const otelSetter = {
  set: (headers: Headers, name: string, value: string): void => headers.set(name, value),
};

/**
 * A fetch that hands on the trace of the request being served.
 *
 * @example
 * const fetch = createFetch({ mode: "forward" });
 * app.get("/", async (_req, res) => res.send(await (await fetch("http://reviews:9080/")).text()));
 */
export function createFetch(options: FetchOptions = {}): typeof fetch {
  const { mode = "forward" } = options;
  const call: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);
  if (mode === "off") return call;
  if (mode === "forward") {
    return (input, init) => {
      const headers = headersOf(input, init);
      forward(headers, activeContext());
      return call(input, { ...init, headers });
    };
  }
  const propagator = options.propagator ?? createPropagator();
  const tracer = options.tracer ?? trace.getTracer("@tracemesh/propagation");
  return (input, init) => participate(input, init, { call, propagator, tracer });
}

interface Participant {
  readonly call: typeof fetch;
  readonly propagator: TextMapPropagator;
  readonly tracer: Tracer;
}

async function participate(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  { call, propagator, tracer }: Participant,
): Promise<Response> {
  const outer = activeContext();
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? String(input));
  const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
  const span = startClientSpan(tracer, method, url, outer);
  const context = trace.setSpan(outer, span);
  try {
    const headers = headersOf(input, init);
    inject(headers, context, propagator);
    const response = await runWithContext(context, () => call(input, { ...init, headers }));
    endWithResponse(span, response.status);
    return response;
  } catch (error) {
    endWithFailure(span, error);
    throw error;
  }
}

/** Copies what arrived. Headers the caller set by hand win; a second trace context is never added. */
function forward(headers: Headers, context: Context): void {
  const others = fieldsWrittenByOthers();
  const ownContext = [...headers.keys()].some(isTraceContextField);
  for (const [name, value] of Object.entries(getForwarded(context))) {
    if (headers.has(name) || others.has(name)) continue;
    if (ownContext && isTraceContextField(name)) continue;
    headers.set(name, value);
  }
}

/** Writes the new position; the caller's position, copied by hand or not, must not stand beside it. */
function inject(headers: Headers, context: Context, propagator: TextMapPropagator): void {
  const others = fieldsWrittenByOthers();
  for (const name of propagator.fields()) headers.delete(name);
  for (const [name, value] of Object.entries(getForwarded(context))) {
    if (isTraceContextField(name) || headers.has(name) || others.has(name)) continue;
    headers.set(name, value);
  }
  const written = new Headers();
  propagator.inject(context, written, otelSetter);
  for (const [name, value] of written) if (!others.has(name)) headers.set(name, value);
}

function headersOf(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Headers {
  return new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
}
