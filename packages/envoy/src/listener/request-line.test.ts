import { expect, test } from "vitest";
import { readRequestLine } from "./request-line.ts";

test.each([
  ["GET / HTTP/1.1\r\n", "http/1.1"],
  ["\r\nGET / HTTP/1.0\n", "http/1.0"],
  ["PRI * HTTP/2.0\r\n\r\nSM", "h2c"],
  ["GET /a?b HTTP/1.1\r\nhost: a\r\n", "http/1.1"],
  ["", "more"],
  ["PRI * HT", "more"],
  ["GET /somewhere", "more"],
  ["GET / HTTP/1.", "more"],
  ["GET / FTP/1.1", undefined],
  ["GET / HTTP/3.0\r\n", undefined],
  ["garbage\r\n", undefined],
  ["\x16\x03\x01", undefined],
])("%j begins %s", (text, protocol) => {
  expect(readRequestLine(Buffer.from(text, "latin1"))).toBe(protocol);
});

test("a line without an end is given up", () => {
  expect(readRequestLine(Buffer.from(`GET /${"x".repeat(64 * 1024)}`))).toBeUndefined();
});
