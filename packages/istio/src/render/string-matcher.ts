import type { StringMatch } from "../kinds/string-match.ts";
import { compare } from "../model/services.ts";
import type { JsonObject } from "./json.ts";

function stringMatcher(match: Exclude<StringMatch, { kind: "present" }>): JsonObject {
  switch (match.kind) {
    case "exact":
      return { exact: match.value };
    case "prefix":
      return { prefix: match.value };
    case "regex":
      return { safe_regex: { regex: match.value } };
  }
}

function headerMatcher(name: string, match: StringMatch): JsonObject {
  if (match.kind === "present") return { name, present_match: true };
  return { name, string_match: stringMatcher(match) };
}

function withoutMatcher(name: string, match: StringMatch): JsonObject {
  const matcher = { ...headerMatcher(name, match), invert_match: true };
  // "Is not x" holds for a request without the header, too; `present_match` cannot be combined with it.
  return match.kind === "present" ? matcher : { ...matcher, treat_missing_header_as_empty: true };
}

type Matches = Readonly<Record<string, StringMatch>> | undefined;

/** Sorted by name, so that the output does not depend on the order in the manifest. */
export function headerMatchers(headers: Matches, without: Matches): JsonObject[] {
  const found = [
    ...Object.entries(headers ?? {}).map(([name, match]) => headerMatcher(name, match)),
    ...Object.entries(without ?? {}).map(([name, match]) => withoutMatcher(name, match)),
  ];
  return found.sort((a, b) => compare(String(a["name"]), String(b["name"])));
}

export function pseudoHeaderMatchers(
  pseudo: readonly (readonly [name: string, match: StringMatch | undefined])[],
): JsonObject[] {
  return pseudo.flatMap(([name, match]) =>
    match === undefined ? [] : [headerMatcher(name, match)],
  );
}

export function queryMatchers(params: Matches): JsonObject[] {
  return Object.entries(params ?? {})
    .sort(([a], [b]) => compare(a, b))
    .map(([name, match]) =>
      match.kind === "present"
        ? { name, present_match: true }
        : { name, string_match: stringMatcher(match) },
    );
}
