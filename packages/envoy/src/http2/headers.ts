import { HeaderMap } from "../http/header-map.ts";

/** Fields of a connection, which HTTP/2 forbids (RFC 9113 8.2.2). */
const connectionFields: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The header list of a request or response as it came in: pseudo headers, then the lines in order. Split cookies become one line at the end, as
 * in Envoy.
 */
export function readHeaders(raw: readonly string[], pseudo: readonly string[]): HeaderMap {
  const lines: string[] = [];
  for (const name of pseudo) {
    for (let i = 0; i < raw.length; i += 2) {
      if (raw[i] === name) lines.push(name, raw[i + 1] as string);
    }
  }
  let cookies = "";
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    if (name.charCodeAt(0) === 0x3a) continue;
    if (name === "cookie") cookies = cookies === "" ? value : `${cookies}; ${value}`;
    else lines.push(name, value);
  }
  if (cookies !== "") lines.push("cookie", cookies);
  return new HeaderMap(lines);
}

/** Envoy's limits: bytes of names and values, and a number of fields, pseudo headers among them. */
export function isWithin(raw: readonly string[], maxBytes: number, maxCount: number): boolean {
  let bytes = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    bytes += name.length + (raw[i + 1] as string).length;
  }
  return bytes <= maxBytes && raw.length <= maxCount * 2;
}

const requestPseudoHeaders: ReadonlySet<string> = new Set([
  ":method",
  ":path",
  ":authority",
  ":scheme",
  ":protocol",
]);

/** As `readHeaders` for a request, with Host standing in for a missing `:authority`. */
export function readRequestHeaders(raw: readonly string[]): HeaderMap {
  // In the client's order, which is the order in which an HTTP/2 upstream gets them.
  const pseudo = raw.filter((name, i) => i % 2 === 0 && requestPseudoHeaders.has(name));
  const headers = readHeaders(raw, pseudo);
  const host = headers.get("host");
  if (host === undefined) return headers;
  headers.remove("host");
  if (headers.has(":authority")) return headers;
  headers.lines.splice(pseudo.length * 2, 0, ":authority", host);
  return headers;
}

/** The list to put on the wire: pseudo headers as they stand, then the lines HTTP/2 allows. */
export function writeHeaders(headers: HeaderMap, pseudo: readonly string[]): string[] {
  const raw: string[] = [];
  for (const [name, value] of headers) if (pseudo.includes(name)) raw.push(name, value);
  const { lines } = headers;
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    const value = lines[i + 1] as string;
    if (name.charCodeAt(0) === 0x3a || connectionFields.has(name)) continue;
    if (name === "te" && value !== "trailers") continue;
    raw.push(name, value);
  }
  return raw;
}

/** Trailers as node:http2 takes them: it has no list form for these, so repeats become arrays. */
export function writeTrailers(trailers: HeaderMap): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of trailers) {
    if (name.startsWith(":") || connectionFields.has(name)) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (typeof before === "string") fields[name] = [before, value];
    else before.push(value);
  }
  return fields;
}
