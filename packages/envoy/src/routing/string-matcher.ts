/** Compiled string matchers: decisions that do not depend on the request are taken once, when the file is read. */
import type { RegexMatcher } from "../config/regex.ts";
import type { StringMatcher } from "../config/string-matcher.ts";

export type StringTest = (value: string) => boolean;

export function compileStringMatcher(matcher: StringMatcher): StringTest {
  const { safeRegex } = matcher;
  if (safeRegex !== undefined) return compileFullMatch(safeRegex);
  const fold = matcher.ignoreCase ? (text: string) => text.toLowerCase() : undefined;
  const test = compilePattern(matcher, fold);
  return fold === undefined ? test : (value) => test(fold(value));
}

function compilePattern(matcher: StringMatcher, fold = (text: string): string => text): StringTest {
  if (matcher.exact !== undefined) {
    const exact = fold(matcher.exact);
    return (value) => value === exact;
  }
  if (matcher.prefix !== undefined) {
    const prefix = fold(matcher.prefix);
    return (value) => value.startsWith(prefix);
  }
  if (matcher.suffix !== undefined) {
    const suffix = fold(matcher.suffix);
    return (value) => value.endsWith(suffix);
  }
  const contains = fold(matcher.contains ?? "");
  return (value) => value.includes(contains);
}

/** RE2::FullMatch: the whole value, whatever alternation the expression holds. */
export function compileFullMatch(regex: RegexMatcher): StringTest {
  const whole = new RegExp(
    `^(?:${regex.compiled.source})$`,
    regex.compiled.flags.replace(/[gy]/g, ""),
  );
  return (value) => whole.test(value);
}
