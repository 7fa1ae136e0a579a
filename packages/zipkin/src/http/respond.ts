import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const gzipAsync = promisify(gzip);
/** Bytes: shorter answers are not worth compressing. */
const GZIP_FROM = 2048;

const JSON_TYPE = "application/json";

export interface JsonOptions {
  readonly status?: number;
  readonly cacheControl?: string | undefined;
}

export async function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  value: unknown,
  options: JsonOptions = {},
): Promise<void> {
  await sendJsonBytes(request, response, [Buffer.from(JSON.stringify(value))], options);
}

/** Pieces of JSON text that are ready to be sent one after the other. */
export async function sendJsonBytes(
  request: IncomingMessage,
  response: ServerResponse,
  pieces: readonly Uint8Array[],
  options: JsonOptions = {},
): Promise<void> {
  response.statusCode = options.status ?? 200;
  response.setHeader("content-type", JSON_TYPE);
  if (options.cacheControl !== undefined) response.setHeader("cache-control", options.cacheControl);
  const body = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  if (body.length < GZIP_FROM || !acceptsGzip(request)) {
    response.setHeader("content-length", body.length);
    response.end(body);
    return;
  }
  response.setHeader("content-encoding", "gzip");
  response.setHeader("vary", "accept-encoding");
  response.end(await gzipAsync(body));
}

/**
 * Texts of ours, and what a client sent, quoted in it: never to be taken for a page.
 * `text/*` is the type that the real server gives its errors.
 */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/*",
): void {
  response.statusCode = status;
  response.setHeader("content-type", type);
  response.setHeader("x-content-type-options", "nosniff");
  response.end(text);
}

function acceptsGzip(request: IncomingMessage): boolean {
  return /(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/i.test(
    String(request.headers["accept-encoding"] ?? ""),
  );
}
