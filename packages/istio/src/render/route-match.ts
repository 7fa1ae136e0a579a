import type { HttpMatch } from "../kinds/virtual-service.ts";
import { given, type JsonObject } from "./json.ts";
import { headerMatchers, pseudoHeaderMatchers, queryMatchers } from "./string-matcher.ts";

/** One entry of `match`; a rule without any takes everything. */
export function routeMatch(match: HttpMatch | undefined): JsonObject {
  if (match === undefined) return { prefix: "/" };
  const headers = [
    ...headerMatchers(match.headers, match.withoutHeaders),
    ...pseudoHeaderMatchers([
      [":method", match.method],
      [":authority", match.authority],
      [":scheme", match.scheme],
    ]),
  ];
  return {
    ...path(match),
    case_sensitive: match.ignoreUriCase !== true,
    ...given("headers", headers),
    ...given("query_parameters", queryMatchers(match.queryParams)),
  };
}

function path({ uri }: HttpMatch): JsonObject {
  switch (uri?.kind) {
    case "exact":
      return { path: uri.value };
    // A plain prefix: /static takes /staticx as well.
    case "prefix":
      return { prefix: uri.value };
    case "regex":
      return { safe_regex: { regex: uri.value } };
    default:
      return { prefix: "/" };
  }
}

/** The part of a span's name that the match gives: exact text, `<prefix>*`, or the expression itself. */
export function operationPath(match: HttpMatch | undefined): string {
  switch (match?.uri?.kind) {
    case "exact":
    case "regex":
      return match.uri.value;
    case "prefix":
      return `${match.uri.value}*`;
    default:
      return "/*";
  }
}

/** Nothing after such a route can be reached. */
export function isCatchAll(match: JsonObject): boolean {
  const regex = match["safe_regex"] as JsonObject | undefined;
  const everyPath =
    match["prefix"] === "/" || regex?.["regex"] === ".*" || regex?.["regex"] === "*";
  return everyPath && match["headers"] === undefined && match["query_parameters"] === undefined;
}
