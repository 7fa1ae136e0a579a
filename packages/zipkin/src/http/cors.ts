import type { IncomingMessage, ServerResponse } from "node:http";
import type { Settings } from "../settings.ts";

/** Sets what browsers ask for; true when the request was a preflight, which is answered then. */
export function applyCors(
  settings: Settings,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const origin = request.headers.origin;
  if (origin === undefined) return false;
  const allowed = allowedOrigin(settings.allowedOrigins, origin);
  if (allowed === undefined) return false;
  response.setHeader("access-control-allow-origin", allowed);
  if (allowed === origin && origin !== "null") response.setHeader("vary", "origin");
  response.setHeader("access-control-allow-headers", "content-type,x-grpc-web");
  response.setHeader(
    "access-control-expose-headers",
    "grpc-status,grpc-message,armeria.grpc.throwableproto-bin",
  );
  if (request.method !== "OPTIONS") return false;
  if (request.headers["access-control-request-method"] === undefined) return false;
  response.setHeader("access-control-allow-methods", "GET,POST");
  response.setHeader("access-control-max-age", "0");
  response.setHeader("content-length", "0");
  response.end();
  return true;
}

function allowedOrigin(allowed: readonly string[], origin: string): string | undefined {
  // A page without an origin (a file, a sandbox) is told so.
  if (allowed.includes("*")) return origin === "null" ? "null" : "*";
  return allowed.includes(origin) ? origin : undefined;
}
