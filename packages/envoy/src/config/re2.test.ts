import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { translateRe2 } from "./re2.ts";

function matches(pattern: string, text: string): boolean {
  const translated = translateRe2(pattern);
  if (!translated.ok) throw new Error(translated.error);
  return new RegExp(translated.source, translated.flags).test(text);
}

describe("what RE2 takes matches as in RE2", () => {
  test.each([
    ["^/re/[0-9]+$", "/re/12", true],
    ["^/re/[0-9]+$", "/re/x", false],
    ["^(?i)abc$", "ABC", true],
    ["^a(?i:b)c$", "aBc", true],
    ["^a(?i:b)c$", "aBC", false],
    ["^(?:(?i)a)b$", "AB", false],
    ["(?P<name>a)(?P<name>b)", "ab", true],
    ["^\\s$", "\v", false],
    ["^\\s$", "\u00a0", false],
    ["^[[:alpha:]_]+$", "ab_C", true],
    ["^[^[:digit:]]$", "5", false],
    ["^[\\D5]$", "5", true],
    ["^[^\\D5]$", "4", true],
    ["^[^\\D5]$", "5", false],
    ["^\\Qa.b\\E$", "a.b", true],
    ["^\\Qa.b\\E$", "axb", false],
    ["^\\pL+$", "äb", true],
    ["^\\p{Greek}$", "λ", true],
    ["^.$", "\n", false],
    ["^(?s).$", "\n", true],
    ["\\Aa\\z", "a", true],
    ["^[]a]+$", "]a", true],
    ["^[a-]+$", "a-", true],
    ["^a{,2}$", "a{,2}", true],
    ["^\\x{41}\\101$", "AA", true],
    ["^[/{}]+$", "/{}", true],
    ["a$", "a\n", false],
    ["(?m)a$", "a\nb", true],
    ["b^*a", "ba", true],
    ["b^+a", "ba", false],
    ["^a\\b*b$", "ab", true],
    ["^\\Aa\\z$", "a", true],
  ])("%s on %j: %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
});

test("captures keep their numbers", () => {
  const translated = translateRe2("^/service/(?P<id>[^/]+)(/.*)$");
  if (!translated.ok) throw new Error(translated.error);
  const match = new RegExp(translated.source, translated.flags).exec("/service/foo/v1");
  expect(match?.slice(1)).toEqual(["foo", "/v1"]);
});

test("no pattern makes it throw, and what it lets through V8 compiles", () => {
  const piece = fc.constantFrom(
    "a",
    "(",
    ")",
    "[",
    "]",
    "^",
    "\\",
    "?",
    ":",
    "P<n>",
    "{2}",
    "*",
    "|",
    "-",
    "d",
    "i",
    "é",
    "$",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const translated = translateRe2(pieces.join(""));
      if (translated.ok) new RegExp(translated.source, translated.flags);
      else expect(translated.error).not.toBe("");
    }),
    { numRuns: 2000 },
  );
});
