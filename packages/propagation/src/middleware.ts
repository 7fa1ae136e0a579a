import type { ServerResponse } from "node:http";
import { ROOT_CONTEXT, type TextMapPropagator, type Tracer, trace } from "@opentelemetry/api";
import { activeContext, runWithContext } from "./active-context.ts";
import { allNodeHttpValues, type NodeRequest, nodeHttpGetter } from "./carriers/node-http.ts";
import { type ForwardingOptions, forwardedHeaders } from "./forwarding.ts";
import { createPropagator } from "./otel-propagator.ts";
import { withForwarded } from "./request-context.ts";
import { type RoutedRequest, startServerSpan } from "./server-span.ts";
import type { TraceMode } from "./trace-mode.ts";

export interface MiddlewareOptions extends ForwardingOptions {
  /** Default `forward`. */
  readonly mode?: TraceMode;
  /** Participating: makes the server spans. Default: the registered OTel tracer. */
  readonly tracer?: Tracer;
  /** Participating: reads the caller's context. Default: B3 in either form. */
  readonly propagator?: TextMapPropagator;
  /** Requests to serve without a trace: health checks, scrapes. */
  readonly ignore?: (path: string) => boolean;
}

/** Fits `app.use()` of express and anything that takes (req, res, next). */
export type Middleware = (
  request: RoutedRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

const otelGetter = {
  get: (request: NodeRequest, name: string): string[] | undefined => {
    const values = allNodeHttpValues(request, name);
    return values.length === 0 ? undefined : values;
  },
  keys: ({ rawHeaders }: NodeRequest): string[] =>
    rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()),
};

/**
 * Remembers the trace of a request while it is served, so that `createFetch` can hand it on.
 *
 * @example
 * app.use(propagation.middleware({ mode: "forward" }));
 */
export function middleware(options: MiddlewareOptions = {}): Middleware {
  const { mode = "forward", ignore = () => false } = options;
  const propagator = options.propagator ?? createPropagator();
  const tracer = options.tracer ?? trace.getTracer("@tracemesh/propagation");

  return (request, response, next) => {
    if (mode === "off" || ignore((request.url ?? "/").split("?", 1)[0] ?? "/")) {
      runWithContext(ROOT_CONTEXT, () => next());
      return;
    }
    const base = withForwarded(activeContext(), forwardedHeaders(request, nodeHttpGetter, options));
    if (mode === "forward") {
      runWithContext(base, () => next());
      return;
    }
    // An instrumentation that opened a server span already has extracted: go on below its span.
    const outer = trace.getSpan(base);
    const context = outer === undefined ? propagator.extract(base, request, otelGetter) : base;
    const span = startServerSpan(tracer, request, response, context);
    runWithContext(trace.setSpan(context, span), () => next());
  };
}
