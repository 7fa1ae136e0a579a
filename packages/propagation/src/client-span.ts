import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";

/** Opens the span of an outgoing call; named `<METHOD> <host>`, which stays low in number. */
export function startClientSpan(tracer: Tracer, method: string, url: URL, context: Context): Span {
  const attributes = {
    "http.request.method": method,
    "url.full": withoutCredentials(url),
    "server.address": url.hostname,
    "server.port": Number(url.port || (url.protocol === "https:" ? 443 : 80)),
  };
  return tracer.startSpan(`${method} ${url.host}`, { kind: SpanKind.CLIENT, attributes }, context);
}

/** Ends the span when the answer's head is there. To a client every 4xx and 5xx is an error. */
export function endWithResponse(span: Span, status: number): void {
  span.setAttribute("http.response.status_code", status);
  if (status >= 400) {
    span.setAttribute("error.type", String(status));
    span.setStatus({ code: SpanStatusCode.ERROR, message: `HTTP ${status}` });
  }
  span.end();
}

export function endWithFailure(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(error) });
  span.end();
}

/** fetch says "fetch failed" and hides the reason in `cause`, several levels down. */
export function reasonOf(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  if (!(reason instanceof Error)) return String(reason);
  const code = "code" in reason && typeof reason.code === "string" ? reason.code : undefined;
  return reason.message || code || reason.name;
}

function withoutCredentials(url: URL): string {
  if (url.username === "" && url.password === "") return url.href;
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}
