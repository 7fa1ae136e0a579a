import { inspectHead, listHas, parseContentLength, parseHeaderLines } from "./header-syntax.ts";

/** How a response's body ends. */
export type ResponseFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until close" }
  | { readonly kind: "raw" };

export interface ResponseHead {
  readonly status: number;
  /** `:status`, then the upstream's lines. */
  readonly lines: string[];
  readonly body: ResponseFraming;
  /** The connection may serve another request afterwards. */
  readonly keepsAlive: boolean;
}

/** What the request decides about the reading of its response. */
export interface RequestFacts {
  readonly method: string;
  readonly isUpgrade: boolean;
}

/** Envoy reads the status as a number, whatever its length and leading zeros. */
const statusLine = /^HTTP\/([0-9])\.([0-9])[ \t]+\+?([0-9]{1,9})(?:[ \t\r][^\n]*)?$/;

/** Envoy's default for upstream responses. */
const maxHeadersCount = 100;

interface ResponseScan {
  contentLength: string | undefined;
  lengths: number;
  transferEncoding: string | undefined;
  connection: string;
}

function scan(lines: readonly string[]): ResponseScan {
  const found: ResponseScan = {
    contentLength: undefined,
    lengths: 0,
    transferEncoding: undefined,
    connection: "",
  };
  for (let i = 2; i < lines.length; i += 2) {
    const value = lines[i + 1] as string;
    switch (lines[i]) {
      case "content-length":
        found.lengths += 1;
        found.contentLength = value;
        break;
      case "transfer-encoding":
        found.transferEncoding =
          found.transferEncoding === undefined ? value : `${found.transferEncoding},${value}`;
        break;
      case "connection":
        found.connection = found.connection === "" ? value : `${found.connection},${value}`;
        break;
    }
  }
  return found;
}

function framing(
  found: ResponseScan,
  status: number,
  request: RequestFacts,
): ResponseFraming | undefined {
  const { contentLength, transferEncoding } = found;
  if (request.isUpgrade && status === 101) return { kind: "raw" };
  if (request.method === "CONNECT" && status >= 200 && status < 300) return { kind: "raw" };
  let bytes: number | undefined;
  if (contentLength !== undefined) {
    bytes = found.lengths > 1 ? undefined : parseContentLength(contentLength);
    if (bytes === undefined) return undefined;
  }
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined || transferEncoding.toLowerCase() !== "chunked")
      return undefined;
  }
  if (request.method === "HEAD" || status < 200 || status === 204 || status === 304)
    return { kind: "none" };
  if (transferEncoding !== undefined) return { kind: "chunked" };
  if (bytes === undefined) return { kind: "until close" };
  return bytes === 0 ? { kind: "none" } : { kind: "length", bytes };
}

/** A 204 or 1xx has no body: a length of 0 is dropped, any other framing is an error. */
function dropBodilessFraming(lines: string[], found: ResponseScan): boolean {
  if (found.transferEncoding !== undefined) return false;
  if (found.contentLength === undefined) return true;
  if (found.lengths > 1 || found.contentLength !== "0") return false;
  const at = lines.indexOf("content-length");
  lines.splice(at, 2);
  found.contentLength = undefined;
  return true;
}

/** Parses a response head; undefined when it is not HTTP as Envoy accepts it from an upstream. */
export function parseResponseHead(text: string, request: RequestFacts): ResponseHead | undefined {
  const inspected = inspectHead(text);
  if (inspected === "http1.invalid_characters") return undefined;
  const lineEnd = text.indexOf("\n");
  const first = statusLine.exec(text.slice(0, lineEnd));
  if (first === null) return undefined;
  const [, major = "", minor = ""] = first;
  const status = Number(first[3]);
  if (status < 100) return undefined;
  const lines = [":status", String(status)];
  const error = parseHeaderLines(text, lineEnd + 1, lines, inspected === "unusual");
  if (error !== undefined || lines.length / 2 - 1 > maxHeadersCount) return undefined;
  const found = scan(lines);
  const isBodiless = (status < 200 && status !== 101) || status === 204;
  if (isBodiless && !dropBodilessFraming(lines, found)) return undefined;
  const body = framing(found, status, request);
  if (body === undefined) return undefined;
  const http11 = major === "1" && minor === "1";
  const keepsAlive =
    body.kind !== "until close" &&
    body.kind !== "raw" &&
    !listHas(found.connection, "close") &&
    (http11 || listHas(found.connection, "keep-alive"));
  return { status, lines, body, keepsAlive };
}
