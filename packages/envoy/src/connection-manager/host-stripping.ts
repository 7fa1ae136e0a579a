/** strip_any_host_port, strip_matching_host_port and strip_trailing_host_dot. */
import type { HttpConnectionManager } from "../config/http-connection-manager.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { portStart } from "../routing/authority.ts";

/** Undefined: the host stays as it is. */
export function compileHostStripping(
  config: HttpConnectionManager,
  listenerPort: number,
): ((headers: HeaderMap) => void) | undefined {
  const { stripAnyHostPort, stripMatchingHostPort, stripTrailingHostDot } = config;
  if (!stripAnyHostPort && !stripMatchingHostPort && !stripTrailingHostDot) return undefined;
  const wantedPort = stripAnyHostPort ? "any" : stripMatchingHostPort ? listenerPort : "none";
  return (headers) => {
    const authority = headers.get(":authority");
    if (authority === undefined) return;
    const dotless = stripTrailingHostDot ? withoutTrailingDot(authority) : authority;
    // The target of a CONNECT is nothing without its port.
    const isConnect = headers.get(":method") === "CONNECT";
    const host = isConnect ? dotless : withoutWantedPort(dotless, wantedPort);
    if (host !== authority) headers.set(":authority", host);
  };
}

/** The last dot goes where nothing or a port follows it. */
function withoutTrailingDot(authority: string): string {
  const dot = authority.lastIndexOf(".");
  const next = authority[dot + 1];
  if (dot < 0 || (next !== undefined && next !== ":")) return authority;
  return authority.slice(0, dot) + authority.slice(dot + 1);
}

function withoutWantedPort(authority: string, wanted: number | "any" | "none"): string {
  const colon = portStart(authority);
  if (colon < 0 || wanted === "none") return authority;
  const port = authority.slice(colon + 1);
  const isPort = /^\d{1,10}$/.test(port) && Number(port) <= 0xffff_ffff;
  if (!isPort || (wanted !== "any" && Number(port) !== wanted)) return authority;
  return authority.slice(0, colon);
}
