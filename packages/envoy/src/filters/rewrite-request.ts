/** Host and path of a forwarded request, as its route wants them. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_routing */
import type { HeaderMap } from "../http/header-map.ts";
import type { PathRewrite } from "../routing/path-rewrite.ts";
import type { ForwardAction } from "../routing/route-entry.ts";

/** Everything that does not depend on the endpoint; `rewriteHostToEndpoint` does the rest. */
export function rewriteRequest(
  headers: HeaderMap,
  action: ForwardAction,
  suppressHeaders: boolean,
): void {
  const { weightedHost, rewriteHost, rewritePath: newPath } = action;
  if (weightedHost !== undefined) headers.set(":authority", weightedHost);
  if (rewriteHost !== undefined) {
    const host = newHost(headers, rewriteHost);
    if (host !== undefined && host !== "") setHost(headers, host, action, suppressHeaders);
  }
  if (newPath !== undefined) rewritePath(headers, newPath, suppressHeaders);
}

/** A path of which nothing would be left stays as it is. */
export function rewritePath(
  headers: HeaderMap,
  rewrite: PathRewrite,
  suppressHeaders: boolean,
): void {
  const target = headers.get(":path") ?? "/";
  const rewritten = rewrite(target);
  if (rewritten === "") return;
  if (!suppressHeaders) headers.set("x-envoy-original-path", target);
  headers.set(":path", rewritten);
}

/** auto_host_rewrite: the endpoint's own name, where it has one. */
export function rewriteHostToEndpoint(
  headers: HeaderMap,
  action: ForwardAction,
  hostname: string,
  suppressHeaders: boolean,
): void {
  if (action.rewriteHost?.kind === "endpoint" && hostname !== "")
    setHost(headers, hostname, action, suppressHeaders);
}

function newHost(
  headers: HeaderMap,
  rewrite: NonNullable<ForwardAction["rewriteHost"]>,
): string | undefined {
  switch (rewrite.kind) {
    case "literal":
      return rewrite.host;
    case "header":
      return headers.get(rewrite.name);
    case "path":
      return rewrite.rewrite((headers.get(":path") ?? "").split("?", 1)[0] ?? "");
    case "endpoint":
      return undefined;
  }
}

function setHost(
  headers: HeaderMap,
  host: string,
  action: ForwardAction,
  suppressHeaders: boolean,
): void {
  const old = headers.get(":authority");
  if (old !== undefined && old !== "") {
    if (!suppressHeaders) headers.set("x-envoy-original-host", old);
    if (action.appendXForwardedHost) {
      const forwarded = headers.get("x-forwarded-host") ?? "";
      headers.set("x-forwarded-host", forwarded === "" ? old : `${forwarded},${old}`);
    }
  }
  headers.set(":authority", host);
}
