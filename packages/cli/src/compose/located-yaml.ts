import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { ComposeError, type Position, type Problem } from "./problem.ts";

/** A YAML value that knows where it stands in the file, so that a complaint about it can point there. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

export interface LocatedMap {
  readonly kind: "map";
  readonly at: Position;
  readonly path: string;
  readonly entries: ReadonlyMap<string, Located>;
}

export interface LocatedList {
  readonly kind: "list";
  readonly at: Position;
  readonly path: string;
  readonly items: readonly Located[];
}

export interface LocatedScalar {
  readonly kind: "scalar";
  readonly at: Position;
  readonly path: string;
  readonly value: string | number | boolean | null;
}

/** Changes a string value as it is read (variable interpolation); throws an Error that says what is wrong with it. */
export type ScalarTransform = (text: string) => string;

// Aliases can make a small file expand without end; no mesh comes near this many values.
const maxValues = 100_000;

/** Reads one YAML document. Aliases and merge keys (`<<`) are resolved. */
export function readLocatedYaml(file: string, text: string, transform: ScalarTransform): Located {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ComposeError(
      file,
      document.errors.map((error) => ({
        at: positionAt(lines, error.pos[0]),
        path: "",
        // The first line only: the rest is a drawing of the source line.
        message: (error.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, ""),
      })),
    );
  }
  const problems: Problem[] = [];
  const walk: Walk = { document, lines, transform, problems, count: 0 };
  const root = locate(walk, document.contents, "");
  if (problems.length > 0) throw new ComposeError(file, problems);
  return root;
}

interface Walk {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  readonly transform: ScalarTransform;
  readonly problems: Problem[];
  count: number;
}

function locate(walk: Walk, node: unknown, path: string): Located {
  const at = positionAt(walk.lines, (node as Node | null)?.range?.[0] ?? 0);
  walk.count += 1;
  if (walk.count > maxValues) {
    if (walk.count === maxValues + 1) {
      walk.problems.push({ at, path, message: `more than ${maxValues} values, aliases included` });
    }
    return { kind: "scalar", at, path, value: null };
  }
  if (isAlias(node)) {
    const target = node.resolve(walk.document);
    const located = locate(walk, target, path);
    return { ...located, at };
  }
  if (isMap(node)) return { kind: "map", at, path, entries: entriesOf(walk, node, path) };
  if (isSeq(node)) {
    const items = node.items.map((item, index) => locate(walk, item, `${path}[${index}]`));
    return { kind: "list", at, path, items };
  }
  return { kind: "scalar", at, path, value: scalarValue(walk, node, at, path) };
}

function scalarValue(
  walk: Walk,
  node: unknown,
  at: Position,
  path: string,
): LocatedScalar["value"] {
  if (!isScalar(node)) return null;
  const value = node.value;
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  try {
    return walk.transform(String(value));
  } catch (error) {
    walk.problems.push({
      at,
      path,
      message: error instanceof Error ? error.message : String(error),
    });
    return "";
  }
}

function entriesOf(walk: Walk, map: YAMLMap, path: string): ReadonlyMap<string, Located> {
  const entries = new Map<string, Located>();
  const merged: unknown[] = [];
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (name === "<<") merged.push(...(isSeq(value) ? value.items : [value]));
    else entries.set(name, locate(walk, value, path === "" ? name : `${path}.${name}`));
  }
  for (const source of merged) {
    const target = isAlias(source) ? source.resolve(walk.document) : source;
    if (!isMap(target)) continue;
    for (const [name, value] of entriesOf(walk, target, path)) {
      // What is written in the map itself, or merged first, wins.
      if (!entries.has(name)) entries.set(name, value);
    }
  }
  return entries;
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
