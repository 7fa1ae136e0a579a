import type { IncomingMessage, ServerResponse } from "node:http";
import { collectorHandlers } from "./collector-api.ts";
import type { Exchange, Handler, ServerContext } from "./context.ts";
import { applyCors } from "./cors.ts";
import { failureOf } from "./failure.ts";
import { getTrace, queryHandlers } from "./query-api.ts";
import { BodyError } from "./request-body.ts";
import { decodeSegment, parseRequestTarget } from "./request-target.ts";
import { notFound, refuseMethod, sendPlain, sendText } from "./respond.ts";
import { getHealth, getInfo, getMetrics, getPrometheus } from "./status-api.ts";
import { serveUi } from "./ui.ts";

const statusHandlers: Readonly<Record<string, Handler>> = {
  "/health": getHealth,
  "/info": getInfo,
  "/metrics": getMetrics,
  "/prometheus": getPrometheus,
  "/actuator/health": getHealth,
  "/actuator/info": getInfo,
  "/actuator/prometheus": getPrometheus,
};

/** Methods besides GET that the real server takes there; any other is refused with 405, elsewhere with 404. */
const otherMethods: Readonly<Record<string, string>> = {
  "/info": "HEAD",
  "/actuator/info": "HEAD",
  "/prometheus": "POST",
  "/actuator/prometheus": "POST",
};

const redirections: Readonly<Record<string, string>> = {
  "/": "/zipkin/",
  "/zipkin": "/zipkin/",
  "/favicon.ico": "/zipkin/favicon.ico",
};

/** Answers one request, whatever happens. */
export async function handle(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (request.url === "*") return answerForServer(response);
    const target = parseRequestTarget(request.url ?? "/");
    if (target === undefined) {
      return sendPlain(response, 400, "Status: 400\nDescription: Invalid request path\n");
    }
    if (applyCors(context.settings, request, response)) return;
    await route(context, { request, response, ...target });
  } catch (error) {
    fail(context, request, response, error);
  }
}

/** `OPTIONS *` asks about no path at all. */
function answerForServer(response: ServerResponse): void {
  response.setHeader("allow", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE,TRACE,CONNECT");
  response.end();
}

async function route(context: ServerContext, exchange: Exchange): Promise<void> {
  const { request, response, path } = exchange;
  const { method = "GET" } = request;
  const { settings } = context;
  if (method === "POST" && settings.httpCollectorEnabled) {
    const accept = Object.hasOwn(collectorHandlers, path) ? collectorHandlers[path] : undefined;
    if (accept !== undefined) return accept(context, exchange);
  }
  if (method === "TRACE") return refuseMethod(response, "GET, POST");
  const status = Object.hasOwn(statusHandlers, path) ? statusHandlers[path] : undefined;
  if (status !== undefined) {
    const other = Object.hasOwn(otherMethods, path) ? otherMethods[path] : undefined;
    if (method === "GET" || method === other) return status(context, exchange);
    return other === undefined ? notFound(response) : refuseMethod(response, `GET, ${other}`);
  }
  const api = /^(?:\/zipkin)?\/api\/v2\/(.*)$/.exec(path)?.[1];
  if (api !== undefined && method === "GET" && settings.queryEnabled) {
    return routeQuery(context, exchange, api);
  }
  return routeUi(context, exchange, method);
}

async function routeQuery(context: ServerContext, exchange: Exchange, rest: string): Promise<void> {
  const handler = Object.hasOwn(queryHandlers, rest) ? queryHandlers[rest] : undefined;
  if (handler !== undefined) return handler(context, exchange);
  const id = /^trace\/([^/]+)$/.exec(rest)?.[1];
  if (id === undefined) return notFound(exchange.response);
  return getTrace(context, exchange, decodeSegment(id));
}

async function routeUi(context: ServerContext, exchange: Exchange, method: string): Promise<void> {
  const { path, response } = exchange;
  const { ui, queryEnabled } = context.settings;
  if (!ui.enabled || !queryEnabled) return notFound(response); // a page with nothing to ask
  if (path.startsWith("/zipkin/")) {
    if (method !== "GET" && method !== "HEAD") return refuseMethod(response, "GET, HEAD");
    return serveUi(context, exchange, path.slice(8));
  }
  const target = Object.hasOwn(redirections, path) ? redirections[path] : undefined;
  if (target === undefined) return notFound(response);
  response.writeHead(302, { location: target, "content-length": "0" }).end();
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
  } else if (request.destroyed && !request.complete) {
    response.destroy(); // the client hung up half-way
  } else {
    const { status, text } = failureOf(error, `${request.method} ${request.url}`, context.log);
    sendText(response, status, text);
  }
}
