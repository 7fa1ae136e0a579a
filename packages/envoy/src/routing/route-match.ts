/** Which requests a route is for. */
import type { RouteMatch } from "../config/route-match.ts";
import { isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { compileHeaderMatchers } from "./header-matcher.ts";
import { compileQueryMatchers, parseQuery } from "./query-parameters.ts";
import { compileFullMatch } from "./string-matcher.ts";

/** `random` is the stream's one random number, so that all fractions of one request agree. */
export type RouteTest = (headers: HeaderMap, random: number) => boolean;

/** What the path specifier was: rewrites need to know how much of the path it covers. */
export type PathMatch =
  | { readonly kind: "prefix"; readonly prefix: string; readonly caseSensitive: boolean }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "regex" }
  | { readonly kind: "connect" };

export function pathMatchOf(match: RouteMatch): PathMatch {
  const caseSensitive = match.caseSensitive ?? true;
  if (match.path !== undefined) return { kind: "path", path: match.path };
  if (match.prefix !== undefined) return { kind: "prefix", prefix: match.prefix, caseSensitive };
  if (match.pathSeparatedPrefix !== undefined)
    return { kind: "prefix", prefix: match.pathSeparatedPrefix, caseSensitive };
  return match.connectMatcher === undefined ? { kind: "regex" } : { kind: "connect" };
}

export function compileRouteMatch(match: RouteMatch, runtime: Runtime): RouteTest {
  const path = compilePathTest(match);
  const headersTest = compileHeaderMatchers(match.headers);
  const queryTest = compileQueryMatchers(match.queryParameters);
  const { runtimeFraction } = match;
  const grpcOnly = match.grpc !== undefined;
  const isConnect = match.connectMatcher !== undefined;
  return (headers, random) => {
    if (isConnect !== (headers.get(":method") === "CONNECT")) {
      if (isConnect) return false;
    }
    const target = headers.get(":path");
    if (!isConnect && (target === undefined || !path(target))) return false;
    if (grpcOnly && !isGrpcContentType(headers.get("content-type"))) return false;
    if (headersTest !== undefined && !headersTest(headers)) return false;
    if (queryTest !== undefined && !queryTest(parseQuery(target ?? ""))) return false;
    return runtimeFraction === undefined || runtime.isEnabled(runtimeFraction, random);
  };
}

type PathTest = (target: string) => boolean;

function compilePathTest(match: RouteMatch): PathTest {
  const fold = match.caseSensitive === false;
  if (match.safeRegex !== undefined) {
    const test = compileFullMatch(match.safeRegex);
    return (target) => test(withoutQuery(target));
  }
  if (match.path !== undefined) {
    const path = fold ? match.path.toLowerCase() : match.path;
    if (path.includes("?")) return () => false;
    return fold
      ? (target) => withoutQuery(target).toLowerCase() === path
      : (target) =>
          target.startsWith(path) && (target.length === path.length || isPathEnd(target, path));
  }
  if (match.pathSeparatedPrefix !== undefined) {
    const prefix = fold ? match.pathSeparatedPrefix.toLowerCase() : match.pathSeparatedPrefix;
    return (target) => {
      const text = fold ? target.toLowerCase() : target;
      if (!text.startsWith(prefix)) return false;
      return (
        text.length === prefix.length || text[prefix.length] === "/" || isPathEnd(text, prefix)
      );
    };
  }
  const prefix = fold ? (match.prefix ?? "").toLowerCase() : (match.prefix ?? "");
  if (prefix === "/") return (target) => target.startsWith("/");
  if (prefix.includes("?")) return () => false;
  return fold
    ? (target) => withoutQuery(target).toLowerCase().startsWith(prefix)
    : (target) => target.startsWith(prefix);
}

function isPathEnd(target: string, path: string): boolean {
  const next = target[path.length];
  return next === "?" || next === "#";
}

export function withoutQuery(target: string): string {
  const end = target.indexOf("?");
  return end < 0 ? target : target.slice(0, end);
}
