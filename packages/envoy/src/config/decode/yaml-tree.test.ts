import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConfigNode, parseTree } from "./yaml-tree.ts";

function root(text: string): ConfigNode {
  const parsed = parseTree(text);
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.root;
}

function scalar(text: string): unknown {
  const node = root(`[${text}]`);
  const [item] = node.kind === "list" ? node.items : [];
  return item?.kind === "scalar" ? item.value : item;
}

describe("plain scalars are typed as yaml-cpp types them for Envoy", () => {
  test.each([
    ["on", true],
    ["y", true],
    ["No", false],
    ["OFF", false],
    ["yES", "yES"],
    ["~", null],
    ["null", null],
    ["020111", 8265],
    ["0x10", 16],
    ["-7", -7],
    ["2147483648", "2147483648"],
    ["1.5", "1.5"],
    ["1s", "1s"],
    ["'5'", "5"],
    ['"on"', "on"],
  ])("%s", (text, value) => {
    expect(scalar(text)).toBe(value);
  });
});

test("every node knows its line and column", () => {
  const node = root("a:\n  - b: 1\n    c: 2\n");
  if (node.kind !== "map") throw new Error("expected a map");
  expect(node.entries[0]).toMatchObject({
    key: "a",
    keyAt: { line: 1, column: 1 },
    value: {
      items: [
        {
          entries: [
            { key: "b", value: { at: { line: 2, column: 8 } } },
            { key: "c", keyAt: { line: 3, column: 5 } },
          ],
        },
      ],
    },
  });
});

test("anchors are followed", () => {
  expect(root("a: &x { b: 1 }\nc: *x\n")).toMatchObject({
    entries: [{ key: "a" }, { key: "c", value: { entries: [{ key: "b" }] } }],
  });
});

test("an anchor inside itself is refused", () => {
  expect(parseTree("a: &x [*x]").ok).toBe(false);
});

test("anchors that blow up are refused", () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const before = Array.from({ length: 10 }, () => `*l${level - 1}`).join(", ");
    return `l${level}: &l${level} [${level === 0 ? "a" : before}]`;
  });
  expect(parseTree(levels.join("\n")).ok).toBe(false);
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      parseTree(text);
    }),
  );
});
