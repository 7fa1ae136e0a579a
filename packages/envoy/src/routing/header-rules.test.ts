import { describe, expect, test } from "vitest";
import { RequestInfo } from "../connection-manager/request-info.ts";
import { compileFormat } from "../formatter/compile-format.ts";
import { HeaderMap } from "../http/header-map.ts";
import { inlineRequestHeaders, inlineResponseHeaders } from "../http/inline-headers.ts";
import { HeaderRules } from "./header-rules.ts";

const connection = {
  id: 1,
  remoteAddress: "127.0.0.1",
  remotePort: 5,
  localAddress: "127.0.0.1",
  localPort: 80,
};

function infoOf(path: string): RequestInfo {
  return new RequestInfo(connection, "HTTP/1.1", new HeaderMap([":path", path]), 1);
}

const decoded = [
  {
    header: { key: "x-q", value: "%QUERY_PARAM(q)%" },
    appendAction: "APPEND_IF_EXISTS_OR_ADD",
    keepEmptyValue: false,
  },
] as const;

const compile = (text: string) => compileFormat(text).format;

describe("a decoded query that would split a head", () => {
  test.each(["%0d%0ax-evil:1", "%00", "%0a", "%7f", "%01"])("%s is no request header", (query) => {
    const info = infoOf(`/?q=a${query}b`);
    new HeaderRules(decoded, [], inlineRequestHeaders, compile).apply(info.requestHeaders, info);
    expect(info.requestHeaders.get("x-q")).toBeUndefined();
    expect(info.unsendableHeader).toBe("x-q");
  });

  test.each(["%0d%0ax-evil:1", "%00", "%0a"])("%s is no response header", (query) => {
    const info = infoOf(`/?q=a${query}b`);
    const headers = new HeaderMap([":status", "200"]);
    new HeaderRules(decoded, [], inlineResponseHeaders, compile).apply(headers, info);
    expect(headers.lines).toEqual([":status", "200"]);
  });
});

test("bytes above ASCII and tabs stay", () => {
  const info = infoOf("/?q=%09%C3%A9%E9");
  new HeaderRules(decoded, [], inlineRequestHeaders, compile).apply(info.requestHeaders, info);
  expect(info.requestHeaders.get("x-q")).toBe("\t\u00c3\u00a9\u00e9");
  expect(info.unsendableHeader).toBeUndefined();
});
