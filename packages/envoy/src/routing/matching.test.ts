import { describe, expect, test } from "vitest";
import { HeaderMap } from "../http/header-map.ts";
import { Runtime } from "../runtime/runtime.ts";
import { compileHeaderMatcher } from "./header-matcher.ts";
import { compilePathRewrite } from "./path-rewrite.ts";
import { compileRouteMatch } from "./route-match.ts";
import { VirtualHosts } from "./virtual-hosts.ts";

const runtime = new Runtime(undefined);
const anything = { headers: [], queryParameters: [] };

function matches(match: Parameters<typeof compileRouteMatch>[0], path: string): boolean {
  return compileRouteMatch(match, runtime)(new HeaderMap([":method", "GET", ":path", path]), 0);
}

describe("path specifiers", () => {
  test.each([
    [{ path: "/a" }, "/a?x", true],
    [{ path: "/a" }, "/ab", false],
    [{ path: "/a", caseSensitive: false }, "/A", true],
    [{ prefix: "/a" }, "/ab", true],
    [{ prefix: "/a", caseSensitive: false }, "/AB", true],
    [{ pathSeparatedPrefix: "/a" }, "/a/b", true],
    [{ pathSeparatedPrefix: "/a" }, "/a?b", true],
    [{ pathSeparatedPrefix: "/a" }, "/ab", false],
    [{ safeRegex: { regex: "/r/[0-9]+", compiled: /\/r\/[0-9]+/ } }, "/r/12?y", true],
    [{ safeRegex: { regex: "/r/[0-9]+", compiled: /\/r\/[0-9]+/ } }, "/r/12/x", false],
    [{ safeRegex: { regex: "/a|/ab", compiled: /\/a|\/ab/ } }, "/ab", true],
  ])("%j on %s", (specifier, path, expected) => {
    expect(matches({ ...anything, ...specifier }, path)).toBe(expected);
  });

  test("query parameters", () => {
    const match = (stringMatch: { exact: string; ignoreCase: boolean }) => ({
      ...anything,
      prefix: "/",
      queryParameters: [{ name: "k", stringMatch }],
    });
    expect(matches(match({ exact: "v", ignoreCase: false }), "/?a=1&k=v&k=w")).toBe(true);
    expect(matches(match({ exact: "w", ignoreCase: false }), "/?a=1&k=v&k=w")).toBe(false);
  });
});

describe("header matchers", () => {
  const base = { name: "x-v", invertMatch: false, treatMissingHeaderAsEmpty: false };

  test.each([
    ["any of the repeated lines", { stringMatch: { exact: "b", ignoreCase: false } }, true],
    ["not the joined form", { stringMatch: { exact: "a,b", ignoreCase: false } }, false],
    ["presence", {}, true],
    ["absence", { presentMatch: false }, false],
    ["a range of numbers only", { rangeMatch: { start: 0, end: 9 } }, false],
  ])("compares %s", (_what, matcher, expected) => {
    const test = compileHeaderMatcher({ ...base, ...matcher });
    expect(test(new HeaderMap(["x-v", "a", "x-v", "b"]))).toBe(expected);
  });

  test("an absent header fails, inverted or not, unless it counts as empty", () => {
    const stringMatch = { exact: "a", ignoreCase: false };
    const absent = new HeaderMap([]);
    const results = [
      { ...base, stringMatch },
      { ...base, stringMatch, invertMatch: true },
      { ...base, stringMatch, invertMatch: true, treatMissingHeaderAsEmpty: true },
    ].map((matcher) => compileHeaderMatcher(matcher)(absent));
    expect(results).toEqual([false, false, true]);
  });

  test("a range ends before its end", () => {
    const test = compileHeaderMatcher({ ...base, rangeMatch: { start: 5, end: 10 } });
    const results = ["4", "5", "9", "10", "x"].map((value) => test(new HeaderMap(["x-v", value])));
    expect(results).toEqual([false, true, true, false, false]);
  });
});

test("domains: exact, then the longest suffix, then the longest prefix, then any", () => {
  const names = ["a.example.com", "*.example.com", "*.b.example.com", "api.*", "h:81", "*"];
  const hosts = new VirtualHosts(
    names.map((name) => [[name], name] as const),
    false,
  );
  const found = ["A.Example.com", "x.example.com", "x.b.example.com", "api.x", "h:81", "h:82"];
  expect(found.map((name) => hosts.find(name))).toEqual([...names.slice(0, 5), "*"]);
});

test("rewrites replace what was matched and leave the query", () => {
  const prefix = { kind: "prefix", prefix: "/api", caseSensitive: true } as const;
  expect(compilePathRewrite(prefix, "/", undefined)?.("/api/v2?x=/api")).toBe("//v2?x=/api");
  expect(compilePathRewrite({ kind: "path", path: "/a" }, "/b", undefined)?.("/a?x")).toBe("/b?x");
  const regex = {
    pattern: { regex: "^/s/([^/]+)(/.*)$", compiled: /^\/s\/([^/]+)(\/.*)$/ },
    substitution: "\\2/of/\\1",
  };
  expect(compilePathRewrite(prefix, undefined, regex)?.("/s/foo/v1?k")).toBe("/v1/of/foo?k");
});
