/** Query parameters as Envoy's route matchers see them. */
import type { QueryParameterMatcher } from "../config/query-parameter-matcher.ts";
import { compileStringMatcher } from "./string-matcher.ts";

export type QueryTest = (query: ReadonlyMap<string, string>) => boolean;

/** First value of each name; a name without `=` has the empty value. Percent-encoding stays as it is. */
export function parseQuery(path: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const start = path.indexOf("?");
  if (start < 0) return parameters;
  for (const part of path.slice(start + 1).split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    if (!parameters.has(name)) parameters.set(name, equals < 0 ? "" : part.slice(equals + 1));
  }
  return parameters;
}

export function compileQueryMatchers(
  matchers: readonly QueryParameterMatcher[],
): QueryTest | undefined {
  if (matchers.length === 0) return undefined;
  const tests = matchers.map((matcher): QueryTest => {
    const { name, stringMatch, presentMatch = true } = matcher;
    if (stringMatch === undefined) return (query) => query.has(name) === presentMatch;
    const test = compileStringMatcher(stringMatch);
    return (query) => {
      const value = query.get(name);
      return value !== undefined && test(value);
    };
  });
  return (query) => tests.every((test) => test(query));
}
