import type { IncomingMessage, ServerResponse } from "node:http";
import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { nodeHttpGetter } from "./carriers/node-http.ts";
import { X_REQUEST_ID } from "./formats/request-id.ts";

/** What express adds to a request, once a route has matched. */
export interface RoutedRequest extends IncomingMessage {
  readonly baseUrl?: string;
  readonly originalUrl?: string;
  readonly route?: { readonly path: unknown };
}

/** Opens the span of a request being served; it ends with the response, named `<METHOD> <route>`. */
export function startServerSpan(
  tracer: Tracer,
  request: RoutedRequest,
  response: ServerResponse,
  context: Context,
): Span {
  const method = request.method ?? "GET";
  const requestId = nodeHttpGetter(request, X_REQUEST_ID);
  const { remoteAddress, remotePort } = request.socket;
  const attributes = {
    "http.request.method": method,
    "url.path": pathOf(request),
    ...(requestId ? { "guid:x-request-id": requestId } : {}),
    ...(remoteAddress ? { "network.peer.address": remoteAddress } : {}),
    ...(remotePort ? { "network.peer.port": remotePort } : {}),
  };
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, context);

  const end = (): void => {
    response.off("finish", end);
    response.off("close", end);
    nameByRoute(span, request);
    recordOutcome(span, response);
    span.end();
  };
  response.once("finish", end);
  // "close" without "finish": the client left before the answer was complete.
  response.once("close", end);
  return span;
}

function nameByRoute(span: Span, request: RoutedRequest): void {
  const path = request.route?.path;
  if (typeof path !== "string") return;
  const route = `${request.baseUrl ?? ""}${path}`;
  span.setAttribute("http.route", route);
  const method = request.method ?? "GET";
  // A handler that gave the span a name of its own keeps it.
  const renamed = "name" in span && span.name !== method;
  if (!renamed) span.updateName(`${method} ${route}`);
}

function recordOutcome(span: Span, response: ServerResponse): void {
  if (!response.writableFinished) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: "client closed the connection" });
    return;
  }
  span.setAttribute("http.response.status_code", response.statusCode);
  if (response.statusCode < 500) return;
  span.setAttribute("error.type", String(response.statusCode));
  // A status set by the handler says more than the code does; the SDK keeps the last one.
  if (!hasErrorStatus(span)) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: `HTTP ${response.statusCode}` });
  }
}

function hasErrorStatus(span: Span): boolean {
  if (!("status" in span)) return false;
  return (span.status as { code?: unknown } | undefined)?.code === SpanStatusCode.ERROR;
}

function pathOf(request: RoutedRequest): string {
  return (request.originalUrl ?? request.url ?? "/").split("?", 1)[0] ?? "/";
}
