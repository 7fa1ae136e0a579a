/** What the Connection header of a request says (RFC 9110 section 7.6.1). */
import type { HeaderMap } from "../http/header-map.ts";
import type { Protocol } from "../http/stream.ts";

/** More names than this in one Connection header is an attack, not a request. */
const maxNominatedHeaders = 10;

/** Removing these on a client's word would hide where the request came from. */
const protectedNames: ReadonlySet<string> = new Set([
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
]);

const options: ReadonlySet<string> = new Set(["close", "keep-alive", "upgrade", "http2-settings"]);

export function tokens(value: string): string[] {
  return value.split(",").map((token) => token.trim().toLowerCase());
}

/** Removes the headers that Connection names, keeping `te: trailers`. False: the request has to be refused. */
export function removeNominatedHeaders(headers: HeaderMap): boolean {
  const connection = headers.get("connection");
  if (connection === undefined || connection === "keep-alive" || connection === "close")
    return true;
  const names = tokens(connection);
  if (names.length >= maxNominatedHeaders) return false;
  for (const name of names) {
    if (name === "" || options.has(name)) continue;
    if (name.startsWith(":")) return false;
    if (!headers.has(name)) continue;
    if (protectedNames.has(name)) return false;
    if (name === "te" && tokens(headers.get("te") ?? "").includes("trailers"))
      headers.set("te", "trailers");
    else headers.remove(name);
  }
  return true;
}

/** Whether the client wants the connection closed after this request. */
export function wantsClose(protocol: Protocol, headers: HeaderMap): boolean {
  if (protocol === "HTTP/2") return false;
  const connection = headers.get("connection");
  if (protocol === "HTTP/1.0")
    return connection === undefined || !tokens(connection).includes("keep-alive");
  if (connection !== undefined && tokens(connection).includes("close")) return true;
  const proxyConnection = headers.get("proxy-connection");
  return proxyConnection !== undefined && tokens(proxyConnection).includes("close");
}

/** The upgrade asked for (`websocket`), undefined when there is none. */
export function requestedUpgrade(headers: HeaderMap): string | undefined {
  const upgrade = headers.get("upgrade");
  if (upgrade === undefined) return undefined;
  const connection = headers.get("connection");
  if (connection === undefined || !tokens(connection).includes("upgrade")) return undefined;
  return upgrade;
}
