/** Redirects: where to. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-redirectaction */
import type { RedirectAction, RedirectResponseCode } from "../config/redirect-action.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { compilePathRewrite, type PathRewrite } from "./path-rewrite.ts";
import { type PathMatch, withoutQuery } from "./route-match.ts";

export interface Redirect {
  readonly status: number;
  /** Applied to the request before `location` is asked for. */
  readonly rewritePath: PathRewrite | undefined;
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
  const newPath = (target: string): string => {
    if (action.pathRedirect !== undefined && action.pathRedirect !== "") {
      // A path_redirect with a query of its own replaces the request's query.
      if (action.pathRedirect.includes("?") || action.stripQuery) return action.pathRedirect;
      return action.pathRedirect + target.slice(withoutQuery(target).length);
    }
    return action.stripQuery ? withoutQuery(target) : target;
  };
  return {
    status: statuses[action.responseCode ?? "MOVED_PERMANENTLY"],
    rewritePath: compilePathRewrite(match, action.prefixRewrite, action.regexRewrite),
    location(headers) {
      const scheme = newScheme(action, headers);
      const path = newPath(headers.get(":path") ?? "/");
      const slash = path.startsWith("/") ? "" : "/";
      return `${scheme}://${newAuthority(action, headers, scheme)}${slash}${path}`;
    },
  };
}

function newScheme(action: RedirectAction, headers: HeaderMap): string {
  if (action.schemeRedirect !== undefined && action.schemeRedirect !== "")
    return action.schemeRedirect;
  if (action.httpsRedirect === true) return "https";
  return headers.get(":scheme") ?? "http";
}

function newAuthority(action: RedirectAction, headers: HeaderMap, scheme: string): string {
  const { hostRedirect = "", portRedirect = 0 } = action;
  const host = hostRedirect === "" ? keptHost(headers, scheme, portRedirect !== 0) : hostRedirect;
  return portRedirect === 0 ? host : `${host}:${portRedirect}`;
}

/** Without its port where there is a new one, and where it was the default of a scheme that changes. */
function keptHost(headers: HeaderMap, scheme: string, hasNewPort: boolean): string {
  const authority = headers.get(":authority") ?? "";
  const colon = authority.startsWith("[")
    ? authority.lastIndexOf("]:") + 1 || -1
    : authority.lastIndexOf(":");
  if (colon < 0) return authority;
  const before = headers.get("x-forwarded-proto") ?? "";
  const port = authority.slice(colon);
  const isOldDefault = scheme !== before && port === defaultPorts[before];
  return hasNewPort || isOldDefault ? authority.slice(0, colon) : authority;
}

const defaultPorts: Readonly<Record<string, string>> = { http: ":80", https: ":443" };
