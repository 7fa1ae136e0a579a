/** Redirects: where to. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-redirectaction */
import type { RedirectAction, RedirectResponseCode } from "../config/redirect-action.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { compilePathRewrite } from "./path-rewrite.ts";
import { type PathMatch, withoutQuery } from "./route-match.ts";
import { withoutPort } from "./virtual-hosts.ts";

export interface Redirect {
  readonly status: number;
  location(headers: HeaderMap): string;
}

const statuses: Readonly<Record<RedirectResponseCode, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

export function compileRedirect(action: RedirectAction, match: PathMatch): Redirect {
  const rewrite = compilePathRewrite(match, action.prefixRewrite, action.regexRewrite);
  const newPath = (target: string): string => {
    if (action.pathRedirect !== undefined && action.pathRedirect !== "") {
      // A path_redirect with a query of its own replaces the request's query.
      if (action.pathRedirect.includes("?") || action.stripQuery) return action.pathRedirect;
      return action.pathRedirect + target.slice(withoutQuery(target).length);
    }
    const kept = action.stripQuery ? withoutQuery(target) : target;
    return rewrite === undefined ? kept : rewrite(kept);
  };
  return {
    status: statuses[action.responseCode ?? "MOVED_PERMANENTLY"],
    location(headers) {
      const authority = headers.get(":authority") ?? "";
      const scheme = newScheme(action, headers);
      return `${scheme}://${newAuthority(action, authority, scheme)}${newPath(headers.get(":path") ?? "/")}`;
    },
  };
}

function newScheme(action: RedirectAction, headers: HeaderMap): string {
  if (action.httpsRedirect === true) return "https";
  if (action.schemeRedirect !== undefined && action.schemeRedirect !== "")
    return action.schemeRedirect;
  return headers.get("x-forwarded-proto") ?? headers.get(":scheme") ?? "http";
}

function newAuthority(action: RedirectAction, authority: string, scheme: string): string {
  const { hostRedirect, portRedirect } = action;
  const host =
    hostRedirect !== undefined && hostRedirect !== ""
      ? hostRedirect
      : portRedirect !== undefined
        ? withoutPort(authority)
        : withoutDefaultPort(authority, action, scheme);
  return portRedirect === undefined ? host : `${host}:${portRedirect}`;
}

/** When the scheme changes, the old scheme's default port does not go along. */
function withoutDefaultPort(authority: string, action: RedirectAction, scheme: string): string {
  const schemeChanges = action.httpsRedirect === true || action.schemeRedirect !== undefined;
  if (!schemeChanges) return authority;
  const oldDefault = scheme === "https" ? ":80" : ":443";
  return authority.endsWith(oldDefault) ? withoutPort(authority) : authority;
}
