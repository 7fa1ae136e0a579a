import { describe, expect, test } from "vitest";
import { createStyles } from "./styles.ts";
import type { TraceSpan } from "./trace-model.ts";
import { drawTrace, formatMicros } from "./trace-tree.ts";

const plain = createStyles(false);
const R = "162f5225159a9b85";
const S = "3484bc1e0e2a1591";

function span(service: string, name: string, id: string, rest: Partial<TraceSpan> = {}): TraceSpan {
  return { traceId: R, id, name, localEndpoint: { serviceName: service }, ...rest };
}

const forwarded: readonly TraceSpan[] = [
  span("service2", "service2", S, {
    parentId: R,
    kind: "SERVER",
    shared: true,
    timestamp: 40,
    duration: 900,
  }),
  span("front-proxy", "routetoservice1", R, { kind: "CLIENT", timestamp: 10, duration: 12_345 }),
  span("service1", "routetoservice2", S, {
    parentId: R,
    kind: "CLIENT",
    timestamp: 30,
    duration: 2000,
  }),
  span("service1", "service1", R, {
    kind: "SERVER",
    shared: true,
    timestamp: 20,
    duration: 10_000,
  }),
];

test("draws the four proxy spans as a chain, each shared half below its client", () => {
  expect(drawTrace(forwarded, plain)).toEqual([
    `trace ${R}  4 spans  3 services  complete`,
    "  front-proxy: routetoservice1     CLIENT  12.3 ms",
    "  └─ service1: service1            SERVER  10.0 ms  same span, server's half",
    "     └─ service1: routetoservice2  CLIENT   2.0 ms",
    "        └─ service2: service2      SERVER   900 µs  same span, server's half",
  ]);
});

test("siblings are drawn in order of start, with their branches", () => {
  const lines = drawTrace(
    [
      span("a", "root", "1", { kind: "SERVER", duration: 1 }),
      span("a", "second", "3", { parentId: "1", timestamp: 2, duration: 1 }),
      span("a", "below the first", "4", { parentId: "2", timestamp: 1, duration: 1 }),
      span("a", "first", "2", { parentId: "1", timestamp: 1, duration: 1 }),
    ],
    plain,
  );
  expect(lines.map((line) => line.replace(/\s{2,}(SERVER|LOCAL).*$/, ""))).toEqual([
    `trace ${R}  4 spans  1 service  complete`,
    "  a: root",
    "  ├─ a: first",
    "  │  └─ a: below the first",
    "  └─ a: second",
  ]);
});

describe("what is wrong is said", () => {
  test("a parent that nobody reported", () => {
    const lines = drawTrace(
      forwarded.filter(({ id }) => id === S),
      plain,
    );
    expect(lines[0]).toBe(`trace ${R}  2 spans  2 services  1 parent missing`);
    expect(lines[1]).toMatch(`(span ${R} is missing)`);
    expect(lines[1]).toMatch("named as parent, never reported");
    expect(lines[2]).toMatch(/^ {2}└─ service1: routetoservice2/);
    expect(lines[3]).toMatch(/^ {5}└─ service2: service2/);
  });

  test("an error, with its status or its reason", () => {
    const lines = drawTrace(
      [
        span("a", "x", "1", { tags: { error: "true", "http.status_code": "503" }, duration: 1 }),
        span("b", "y", "2", { parentId: "1", tags: { error: "connection refused" } }),
      ],
      plain,
    );
    expect(lines[1]).toMatch(/error: status 503$/);
    expect(lines[2]).toMatch(/unfinished {2}error: connection refused$/);
  });

  test("two roots", () => {
    const lines = drawTrace([span("a", "x", "1"), span("b", "y", "2")], plain);
    expect(lines[0]).toMatch("2 roots, one expected");
  });
});

test("a shared server span whose client is outside the mesh is the root", () => {
  const [server] = forwarded.filter(({ shared, id }) => shared && id === R);
  expect(server && drawTrace([server], plain)[0]).toMatch("1 span  1 service  complete");
});

test("spans that name each other as parent end in a drawing all the same", () => {
  const lines = drawTrace(
    [span("a", "x", "1", { parentId: "2" }), span("a", "y", "2", { parentId: "1" })],
    plain,
  );
  expect(lines).toHaveLength(3);
});

test("control characters from outside never reach the terminal", () => {
  const [, line] = drawTrace([span("a\u001b[2J", "x\ny\u202e", "1")], plain);
  expect(line).toContain("a\\u001b[2J: x\\u000ay\\u202e");
});

test("a trace too large to read is only counted", () => {
  const many = Array.from({ length: 301 }, (_, index) => span("a", "x", String(index)));
  expect(drawTrace(many, plain)).toEqual([`trace ${R}  301 spans, too many to draw`]);
  expect(drawTrace([], plain)).toEqual([]);
});

test.each([
  [0, "0 µs"],
  [999, "999 µs"],
  [12_345, "12.3 ms"],
  [2_500_000, "2.50 s"],
])("%d microseconds are %s", (micros, text) => {
  expect(formatMicros(micros)).toBe(text);
});
