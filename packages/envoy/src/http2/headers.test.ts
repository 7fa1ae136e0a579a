import { describe, expect, test } from "vitest";
import { isWithin, readRequestHeaders } from "./headers.ts";

describe("limits", () => {
  test("count bytes of names and values, to the last one", () => {
    expect(isWithin(["ab", "cd", "e", ""], 5, 100)).toBe(true);
    expect(isWithin(["ab", "cd", "e", "f"], 5, 100)).toBe(false);
  });

  test("count pseudo headers, too", () => {
    expect(isWithin([":path", "/", "a", "b"], 100, 2)).toBe(true);
    expect(isWithin([":path", "/", "a", "b", "c", "d"], 100, 2)).toBe(false);
  });
});

describe("a request's headers", () => {
  const pseudo = [":method", "GET", ":path", "/", ":scheme", "http"];

  test("cookie crumbs become one line, at the end", () => {
    const raw = [...pseudo, ":authority", "a", "cookie", "a=1", "x-b", "2", "cookie", "c=3"];
    const headers = readRequestHeaders(raw);
    expect(headers.lines.slice(-4)).toEqual(["x-b", "2", "cookie", "a=1; c=3"]);
  });

  test("Host stands in for a missing :authority, and only then", () => {
    expect(readRequestHeaders([...pseudo, "host", "b"]).get(":authority")).toBe("b");
    const both = readRequestHeaders([...pseudo, ":authority", "a", "host", "b"]);
    expect(both.get(":authority")).toBe("a");
    expect(both.has("host")).toBe(false);
  });
});
