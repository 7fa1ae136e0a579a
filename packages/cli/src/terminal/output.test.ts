import { expect, test } from "vitest";
import { createLogPrefix } from "./log-prefix.ts";
import { createOutput } from "./output.ts";
import { splitLines } from "./split-lines.ts";
import { createStyles, wantsColours } from "./styles.ts";

test("lines are dropped while the terminal cannot follow, and counted", () => {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) > 0, writableNeedDrain: false };
  const print = createOutput(sink);
  print(["a", "b"]);
  sink.writableNeedDrain = true;
  print(["c", "d"]);
  print(["e"]);
  sink.writableNeedDrain = false;
  print(["f"]);
  expect(written).toEqual(["a\nb\n", "… 3 lines left out: the terminal was too slow\n", "f\n"]);
});

test("each line of a log carries its service's name", () => {
  const prefix = createLogPrefix(createStyles(false));
  expect(prefix("service1-sidecar", "a\nb\n")).toEqual([
    "service1-sidecar | a",
    "service1-sidecar | b",
  ]);
  expect(prefix("zipkin", "c")).toEqual(["zipkin           | c"]);
});

test("chunks become lines, whatever their borders; an endless line comes in pieces", () => {
  const lines: string[] = [];
  const feed = splitLines((line) => lines.push(line));
  const bytes = Buffer.from("één\r\ntwee\n");
  for (const byte of bytes) feed(Buffer.from([byte]));
  feed(Buffer.from("x".repeat(40_000)));
  expect(lines.slice(0, 2)).toEqual(["één", "twee"]);
  expect(lines.slice(2).map(({ length }) => length)).toEqual([16_384, 16_384]);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ TERM: "dumb" }, true, false],
])("colours for %j on a terminal (%s): %s", (env, isTerminal, expected) => {
  expect(wantsColours(env, isTerminal)).toBe(expected);
});
