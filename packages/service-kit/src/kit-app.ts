import { SpanStatusCode, trace } from "@opentelemetry/api";
import {
  activeContext,
  type ForwardingOptions,
  middleware,
  reasonOf,
} from "@tracemesh/propagation";
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
} from "express";
import type { ServiceParts } from "./service.ts";

export interface KitAppOptions {
  /** Which headers are handed on. Default preset `envoy`. */
  readonly forwarding?: ForwardingOptions;
}

/** A failed call to another service: answered with 502. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
}

/**
 * The app every service starts from: health, then trace, then the service's routes, then errors.
 *
 * @example
 * createKitApp(parts, (app) => app.get("/", (_req, res) => void res.send("hello\n")));
 */
export function createKitApp(
  parts: ServiceParts,
  addRoutes: (app: Express) => void,
  options: KitAppOptions = {},
): Express {
  const app = express();
  app.disable("x-powered-by");
  // Answers change with every trace; a validator would only cost time.
  app.set("etag", false);
  app.get("/health", health(parts));
  app.use(traceMiddleware(parts, options.forwarding));
  addRoutes(app);
  app.use((_request, response) => sendText(response, 404, "no such page"));
  app.use(errorHandler(parts));
  return app;
}

/** Remembers or opens the trace of each request, as the service's mode says. */
export function traceMiddleware(
  { mode, telemetry }: ServiceParts,
  forwarding: ForwardingOptions = {},
): RequestHandler {
  const { tracer, propagator } = telemetry;
  return middleware({ ...forwarding, mode, tracer, propagator });
}

/** Not traced: it stands before the trace middleware. */
export function health({ serviceName }: ServiceParts): RequestHandler {
  return (_request, response) => {
    response.json({ status: "UP", service: serviceName });
  };
}

/** A failed upstream is 502; what express and its parsers reject keeps its 4xx; all else is 500. */
export function errorHandler({ log }: ServiceParts): ErrorRequestHandler {
  return (error, request, response, next) => {
    const failed = trace.getSpan(activeContext());
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof UpstreamError) {
      failed?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      log(`${request.method} ${request.originalUrl}: ${error.message}`);
      sendText(response, 502, error.message);
      return;
    }
    const status = clientErrorStatus(error);
    if (status !== undefined) {
      sendText(response, status, reasonOf(error));
      return;
    }
    log(
      `${request.method} ${request.originalUrl}: ${error instanceof Error ? error.stack : error}`,
    );
    sendText(response, 500, "internal error");
  };
}

/**
 * Calls another service; a failure to connect or an answer outside 2xx becomes an UpstreamError that
 * names the address.
 */
export async function callUpstream(
  fetchFn: typeof fetch,
  url: string,
  init?: RequestInit,
): Promise<string> {
  let answer: { status: number; ok: boolean; body: string };
  try {
    const response = await fetchFn(url, init);
    answer = { status: response.status, ok: response.ok, body: await response.text() };
  } catch (cause) {
    throw new UpstreamError(`the call to ${url} failed: ${reasonOf(cause)}`, { cause });
  }
  if (!answer.ok) throw new UpstreamError(`the call to ${url} was answered ${answer.status}`);
  return answer.body;
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type("text/plain").send(`${text}\n`);
}

function clientErrorStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
