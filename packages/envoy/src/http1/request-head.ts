import {
  type HeadError,
  inspectHead,
  listHas,
  parseContentLength,
  parseHeaderLines,
} from "./header-syntax.ts";
import { isAuthority, methods, parseRequestTarget } from "./request-target.ts";

/** How the end of a message's body is found. */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** Upgrade and CONNECT: whatever comes, until the connection closes. */
  | { readonly kind: "raw" };

export interface RequestHead {
  readonly method: string;
  /** `:method`, `:path`, `:authority`, then the client's lines. */
  readonly lines: string[];
  readonly http10: boolean;
  readonly body: BodyFraming;
  /** The client wants, or the version implies, that the connection ends with this exchange. */
  readonly wantsClose: boolean;
  readonly expectsContinue: boolean;
}

export interface HeadRefusal {
  readonly refused: HeadError | "low_version" | "missing_host_header";
  /** What the status line of the answer says: 1.0 only where such requests are served and the whole head could be parsed. */
  readonly http10: boolean;
  /** Where all but the host is in order. */
  readonly lines?: string[];
}

export interface RequestHeadLimits {
  readonly maxRequestHeadersCount: number;
  readonly acceptHttp10: boolean;
  readonly defaultHostForHttp10?: string;
  readonly allowAbsoluteUrl: boolean;
  /** `Expect: 100-continue` is passed on. */
  readonly proxy100Continue?: boolean;
  /** An absolute https target cannot come over this connection. */
  readonly refusesHttps?: boolean;
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly http11: boolean;
}

const noBody: BodyFraming = { kind: "none" };
const chunkedBody: BodyFraming = { kind: "chunked" };
const rawBody: BodyFraming = { kind: "raw" };

// Every byte up to the space separates, as in Envoy's parser.
const loosely = /^([^\0-\x20]+)[\0-\x20]+([^\0-\x20]+)(?:[\0-\x20]+(.*?))?[\0-\x20]*$/s;

function parseRequestLine(text: string, end: number): RequestLine | undefined {
  const line = text.slice(0, end);
  if (line.endsWith(" HTTP/1.1\r")) {
    const space = line.indexOf(" ");
    const target = line.slice(space + 1, line.length - 10);
    const method = line.slice(0, space);
    if (methods.has(method) && target !== "" && !/[\s]/.test(target)) {
      return { method, target, http11: true };
    }
  }
  const parts = loosely.exec(line);
  if (parts === null) return undefined;
  const [, method = "", target = "", version = ""] = parts;
  if (!methods.has(method)) return undefined;
  if (version !== "" && !/^HTTP\/[0-9]\.[0-9]$/.test(version)) return undefined;
  return { method, target, http11: version === "HTTP/1.1" };
}

/** What the header lines say about the message and the connection. */
class HeadScan {
  host: string | undefined;
  contentLength: string | undefined;
  contentLengths = 0;
  transferEncoding: string | undefined;
  connection = "";
  proxyConnection = "";
  upgrade: string | undefined;
  expectsContinue = false;
}

/** Reads the lines behind the pseudo headers and takes out `host`, `expect: 100-continue` and what belongs to an h2c upgrade. */
function scanLines(lines: string[], from: number, keepsExpect: boolean): HeadScan {
  const scan = new HeadScan();
  let kept = from;
  for (let i = from; i < lines.length; i += 2) {
    const name = lines[i] as string;
    const value = lines[i + 1] as string;
    switch (name) {
      case "host":
        scan.host = scan.host === undefined ? value : `${scan.host},${value}`;
        continue;
      case "expect":
        if (value.toLowerCase() === "100-continue") {
          scan.expectsContinue = true;
          if (!keepsExpect) continue;
        }
        break;
      case "content-length":
        scan.contentLengths += 1;
        scan.contentLength = value;
        break;
      case "transfer-encoding":
        scan.transferEncoding =
          scan.transferEncoding === undefined ? value : `${scan.transferEncoding},${value}`;
        break;
      case "connection":
        scan.connection = scan.connection === "" ? value : `${scan.connection},${value}`;
        break;
      case "proxy-connection":
        scan.proxyConnection = value;
        break;
      case "upgrade":
        scan.upgrade = value;
        break;
    }
    if (kept !== i) {
      lines[kept] = name;
      lines[kept + 1] = value;
    }
    kept += 2;
  }
  while (lines.length > kept) lines.pop();
  return scan;
}

function framing(method: string, scan: HeadScan): BodyFraming | HeadError {
  const { transferEncoding, contentLength } = scan;
  let bytes = 0;
  if (contentLength !== undefined) {
    const parsed = scan.contentLengths > 1 ? undefined : parseContentLength(contentLength);
    if (parsed === undefined) return "http1.codec_error";
    bytes = parsed;
  }
  if (method === "CONNECT" && bytes > 0) return "http1.body_disallowed";
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) return "http1.content_length_and_chunked_not_allowed";
    if (transferEncoding.toLowerCase() !== "chunked" || method === "CONNECT")
      return "http1.invalid_transfer_encoding";
    return chunkedBody;
  }
  return bytes === 0 ? noBody : { kind: "length", bytes };
}

/** Envoy does not take up h2c upgrades: it drops their headers and serves the request as it is. */
function dropH2cUpgrade(lines: string[]): void {
  let kept = 0;
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    let value = lines[i + 1] as string;
    if (name === "upgrade" || name === "http2-settings") continue;
    if (name === "connection") {
      const tokens = value.split(",").map((word) => word.trim());
      value = tokens.filter((word) => !/^(upgrade|http2-settings)$/i.test(word)).join(",");
      if (value === "") continue;
    }
    lines[kept] = name;
    lines[kept + 1] = value;
    kept += 2;
  }
  lines.length = kept;
}

function wantsClose(scan: HeadScan, http10: boolean): boolean {
  if (scan.connection !== "" && listHas(scan.connection, "close")) return true;
  if (scan.proxyConnection !== "" && listHas(scan.proxyConnection, "close")) return true;
  return http10 && !listHas(scan.connection, "keep-alive");
}

/** Parses a whole request head; `text` ends with its empty line. */
export function parseRequestHead(
  text: string,
  limits: RequestHeadLimits,
): RequestHead | HeadRefusal {
  const inspected = inspectHead(text);
  if (inspected === "http1.invalid_characters") return { refused: inspected, http10: false };
  const lineEnd = text.indexOf("\n");
  const requestLine = parseRequestLine(text, lineEnd);
  if (requestLine === undefined) return { refused: "http1.codec_error", http10: false };
  const { method } = requestLine;
  const http10 = !requestLine.http11 && limits.acceptHttp10;
  const target = parseRequestTarget(method, requestLine.target, limits.allowAbsoluteUrl);
  if (target === "http1.codec_error") return { refused: target, http10: false };

  const lines = [":method", method];
  if (typeof target !== "string" && target.path !== undefined) lines.push(":path", target.path);
  if (typeof target !== "string" && target.scheme !== undefined)
    lines.push(":scheme", target.scheme);
  const authorityAt = lines.length;
  lines.push(":authority", "");
  const first = lines.length;
  const error = parseHeaderLines(text, lineEnd + 1, lines, inspected === "unusual");
  if (error !== undefined) return { refused: error, http10: false };
  if ((lines.length - first) / 2 > limits.maxRequestHeadersCount) {
    return { refused: "http1.too_many_headers", http10: false };
  }
  const scan = scanLines(lines, first, limits.proxy100Continue === true);
  let body = framing(method, scan);
  if (typeof body === "string") return { refused: body, http10 };
  if (typeof target === "string") return { refused: target, http10 };
  if (limits.refusesHttps === true && target.scheme === "https")
    return { refused: "http1.https_url_on_plaintext_connection", http10 };
  if (!requestLine.http11 && !limits.acceptHttp10) return { refused: "low_version", http10 };

  let authority = target.authority ?? scan.host;
  if (authority === undefined && http10) authority = limits.defaultHostForHttp10;
  if (authority === undefined) {
    lines.splice(authorityAt, 2);
    return { refused: "missing_host_header", http10, lines };
  }
  if (!isAuthority(authority)) return { refused: "http.invalid_authority", http10 };
  lines[authorityAt + 1] = authority;

  if (scan.upgrade !== undefined && listHas(scan.connection, "upgrade")) {
    if (/h2c/i.test(scan.upgrade)) dropH2cUpgrade(lines);
    else body = rawBody;
  }
  if (method === "CONNECT") body = rawBody;
  return {
    method,
    lines,
    http10,
    body,
    wantsClose: wantsClose(scan, http10),
    expectsContinue: scan.expectsContinue,
  };
}
