import { describe, expect, test } from "vitest";
import { canonicalPath, normalisePath } from "./path-normalisation.ts";

const defaults = {
  normalizePath: true,
  mergeSlashes: false,
  escapedSlashes: "KEEP_UNCHANGED",
} as const;

describe("normalisePath", () => {
  test.each([
    ["/a/../b", "/b"],
    ["/a/./b/.", "/a/b/"],
    ["/a/%2e%2E/b", "/b"],
    ["/../../x", "/x"],
    ["/a/b/..", "/a/"],
    ["/a\\..\\b", "/b"],
    ["/a%2Fb", "/a%2Fb"],
    ["/a//b", "/a//b"],
    ["/a/../b?x=/../y", "/b?x=/../y"],
    ["/%61%2D%7e%2f%25", "/a-~%2f%25"],
    ["/a|b^", "/a%7Cb%5E"],
  ])("makes %s into %s", (target, expected) => {
    expect(normalisePath(target, defaults)).toEqual({ kind: "continue", target: expected });
  });

  test("merges slashes of the path, not of the query", () => {
    const options = { ...defaults, mergeSlashes: true };
    expect(normalisePath("/a//b///c?d=//", options)).toEqual({
      kind: "continue",
      target: "/a/b/c?d=//",
    });
  });

  test.each([
    ["REJECT_REQUEST", { kind: "reject", target: "/a/b" }],
    ["UNESCAPE_AND_FORWARD", { kind: "continue", target: "/a/b" }],
    ["UNESCAPE_AND_REDIRECT", { kind: "redirect", target: "/a/b" }],
  ] as const)("treats escaped slashes as %s says", (escapedSlashes, expected) => {
    expect(normalisePath("/a%2Fb", { ...defaults, escapedSlashes })).toEqual(expected);
  });

  test("refuses a zero byte", () => {
    expect(canonicalPath("/a%00b")).toBeUndefined();
  });
});
