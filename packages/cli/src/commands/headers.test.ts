import { describe, expect, test } from "vitest";
import { createStyles } from "../terminal/styles.ts";
import { explainHeaders, parseHeaderLines } from "./headers.ts";

const plain = createStyles(false);

test("reads what curl -v, a raw request or a list shows", () => {
  expect(parseHeaderLines("GET / HTTP/1.1\r\nHost: x\r\n\r\n")).toEqual(["Host", "x"]);
  expect(parseHeaderLines("> b3: 0\n> \n< HTTP/1.1 200 OK\n< Server: envoy")).toEqual([
    "b3",
    "0",
    "Server",
    "envoy",
  ]);
  expect(() => parseHeaderLines("no header")).toThrow('"name: value" is expected, got "no header"');
});

describe("explains", () => {
  const explain = (text: string): string =>
    explainHeaders(parseHeaderLines(text), { preset: "envoy", forward: [] }, plain).join("\n");

  test("b3 beside x-b3-*: b3 wins", () => {
    const text = explain(
      "b3: 80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d\nx-b3-sampled: 0\nx-request-id: x",
    );
    expect(text).toContain(
      "B3 as a whole  trace 80f198ee56343ba864fe8b2a57d3eff7 (128 bit), span e457b5a2e4d86bd1, no parent, debug",
    );
    expect(text).toContain("x-b3-*         a decision without ids: not-sampled");
    expect(text).toContain("x-request-id   x: no UUID that carries a trace reason");
  });

  test("what is not handed on, and why", () => {
    const text = explain("x-b3-parentspanid:\nb3: 0\nb3: 1\naccept: */*\nuber-trace-id: 1:2:0:1");
    expect(text).toContain("  b3: 0\n");
    expect(text).toContain("x-b3-parentspanid:   (empty)");
    expect(text).toContain("b3: 1  (repeated: the first value counts)");
    expect(text).toContain("accept: */*  (no trace header)");
    expect(text).toContain("uber-trace-id: 1:2:0:1  (not in this preset)");
  });

  test("traceparent, once; a repeated one counts as none", () => {
    const line = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(explain(line)).toContain(
      "traceparent    trace 0af7651916cd43dd8448eb211c80319c, span b7ad6b7169203331, sampled\n",
    );
    expect(explain(`${line}\n${line}`)).toContain("traceparent    malformed or repeated, ignored");
  });

  test("malformed values, without failing", () => {
    expect(explain("b3: garbage\u001b[2J")).toContain("b3             malformed, ignored");
    expect(explain("")).toContain("B3 as a whole  no context");
  });
});
