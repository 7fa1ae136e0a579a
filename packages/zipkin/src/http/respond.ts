import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, deflate, gzip } from "node:zlib";

const brotliAsync = promisify(brotliCompress);

/** By the name in Content-Encoding. */
const compressors = {
  br: (body: Uint8Array): Promise<Buffer> =>
    brotliAsync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: promisify<Uint8Array, Buffer>(gzip),
  deflate: promisify<Uint8Array, Buffer>(deflate),
} as const;
type Encoding = keyof typeof compressors;

/** Of 11, each dearer than the one before; this one costs about what gzip costs. */
const BROTLI_QUALITY = 4;
/** Bytes: shorter answers are not worth compressing. */
const COMPRESSED_FROM = 2048;

const JSON_TYPE = "application/json";

export interface JsonOptions {
  readonly status?: number;
  readonly cacheControl?: string | undefined;
  readonly type?: string;
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
  response.setHeader("content-type", options.type ?? JSON_TYPE);
  if (options.cacheControl !== undefined) response.setHeader("cache-control", options.cacheControl);
  const body = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  const encoding = body.length < COMPRESSED_FROM ? undefined : chooseEncoding(request);
  if (encoding === undefined) {
    response.setHeader("content-length", body.length);
    response.end(body);
    return;
  }
  response.setHeader("content-encoding", encoding);
  response.setHeader("vary", "accept-encoding");
  response.end(await compressors[encoding](body));
}

/** What the real server's HTTP library says by itself, as to a path that leads nowhere. */
export function sendPlain(response: ServerResponse, status: number, text: string): void {
  sendText(response, status, text, "text/plain; charset=utf-8");
}

export function notFound(response: ServerResponse): void {
  sendPlain(response, 404, "404 Not Found");
}

export function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader("allow", allowed);
  sendPlain(response, 405, "405 Method Not Allowed");
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

/** The most wanted of ours; among equals the one named first. */
function chooseEncoding(request: IncomingMessage): Encoding | undefined {
  let best: Encoding | undefined;
  let bestQuality = 0;
  for (const item of String(request.headers["accept-encoding"] ?? "").split(",")) {
    const [name = "", ...parameters] = item.split(";");
    const encoding = encodingOf(name.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (encoding === undefined || quality <= bestQuality) continue;
    best = encoding;
    bestQuality = quality;
  }
  return best;
}

function encodingOf(name: string): Encoding | undefined {
  if (name === "*") return "br";
  if (name === "x-gzip") return "gzip";
  return name === "br" || name === "gzip" || name === "deflate" ? name : undefined;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const value = /^\s*q\s*=(.*)$/i.exec(parameter)?.[1];
    if (value !== undefined) return Number(value) || 0;
  }
  return 1;
}
