import type { IncomingMessage, ServerResponse } from "node:http";
import { DecodeError } from "../model/decode-error.ts";
import { ParameterError } from "../query/parameters.ts";
import { collectorHandlers } from "./collector-api.ts";
import type { Exchange, Handler, ServerContext } from "./context.ts";
import { applyCors } from "./cors.ts";
import { getTrace, queryHandlers } from "./query-api.ts";
import { BodyError } from "./request-body.ts";
import { sendText } from "./respond.ts";
import { getHealth, getInfo, getMetrics, getPrometheus } from "./status-api.ts";
import { serveUi } from "./ui.ts";

const statusHandlers: Readonly<Record<string, Handler>> = {
  "/health": getHealth,
  "/info": getInfo,
  "/metrics": getMetrics,
  "/prometheus": getPrometheus,
  "/actuator/health": getHealth,
  "/actuator/info": getInfo,
  "/actuator/metrics": getMetrics,
  "/actuator/prometheus": getPrometheus,
};

/** Answers one request, whatever happens. */
export async function handle(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (applyCors(context.settings, request, response)) return;
    await route(context, createExchange(request, response));
  } catch (error) {
    fail(context, request, response, error);
  }
}

function createExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  return { request, response, path, query: new URLSearchParams(mark < 0 ? "" : url.slice(mark)) };
}

async function route(context: ServerContext, exchange: Exchange): Promise<void> {
  const { request, response, path } = exchange;
  const { settings } = context;
  if (request.method === "POST" && settings.httpCollectorEnabled) {
    const accept = Object.hasOwn(collectorHandlers, path) ? collectorHandlers[path] : undefined;
    if (accept !== undefined) return accept(context, exchange);
  }
  if (request.method === "TRACE") {
    response.setHeader("allow", "GET, POST");
    return sendText(response, 405, "405 Method Not Allowed");
  }
  if (request.method !== "GET") return sendText(response, 404, "404 Not Found");
  const status = Object.hasOwn(statusHandlers, path) ? statusHandlers[path] : undefined;
  if (status !== undefined) return status(context, exchange);
  const api = /^(?:\/zipkin)?\/api\/v2\/(.*)$/.exec(path)?.[1];
  if (api !== undefined && settings.queryEnabled) return routeQuery(context, exchange, api);
  return routeUi(context, exchange);
}

async function routeQuery(context: ServerContext, exchange: Exchange, rest: string): Promise<void> {
  const handler = Object.hasOwn(queryHandlers, rest) ? queryHandlers[rest] : undefined;
  if (handler !== undefined) return handler(context, exchange);
  const id = /^trace\/([^/]+)$/.exec(rest)?.[1];
  if (id === undefined) return sendText(exchange.response, 404, "404 Not Found");
  return getTrace(context, exchange, decodePath(id));
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign stands for itself, and is no digit of an id
  }
}

async function routeUi(context: ServerContext, exchange: Exchange): Promise<void> {
  const { path, response } = exchange;
  if (!context.settings.ui.enabled) return sendText(response, 404, "404 Not Found");
  if (path.startsWith("/zipkin/")) return serveUi(context, exchange, path.slice(8));
  const target = { "/": "/zipkin/", "/zipkin": "/zipkin/", "/favicon.ico": "/zipkin/favicon.ico" }[
    path
  ];
  if (target === undefined) return sendText(response, 404, "404 Not Found");
  response.writeHead(302, { location: target }).end();
}

function fail(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof BodyError) {
    // What is still on its way is not worth receiving.
    response.setHeader("connection", "close");
    sendText(response, error.status, error.message);
    request.resume();
  } else if (error instanceof DecodeError || error instanceof ParameterError) {
    sendText(response, 400, error.message);
  } else if (request.destroyed && !request.complete) {
    response.destroy(); // the client hung up half-way
  } else {
    context.log(
      `${request.method} ${request.url}: ${error instanceof Error ? error.stack : error}`,
    );
    sendText(response, 500, "internal error: see the server's log");
  }
}
