import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import { type Position, type Problem, problemAt, type Severity } from "../problem.ts";

/** One YAML document while it is decoded. */
export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly problems: Problem[];
  /** Values still allowed; aliases can make a small file expand without end. */
  budget: number;
}

/** A value in a document together with the way that led to it. */
export interface Cursor {
  readonly source: Source;
  readonly node: Node | null;
  readonly path: string;
  /** Where to point when the value itself is absent. */
  readonly at: Position;
}

/** Values one document may hold after its aliases are expanded. */
export const maxValues = 200_000;

export function position(source: Source, node: Node | null, fallback: Position): Position {
  const offset = node?.range?.[0];
  if (offset === undefined) return fallback;
  const { line, col } = source.lines.linePos(offset);
  return { file: source.file, line, column: col };
}

export function rootCursor(source: Source): Cursor {
  const at = position(source, source.document.contents, { file: source.file, line: 1, column: 1 });
  return { source, node: source.document.contents, path: "", at };
}

export function report(
  cursor: Cursor,
  message: string,
  options: { readonly code?: string; readonly severity?: Severity } = {},
): undefined {
  const text = cursor.path === "" ? message : `${cursor.path}: ${message}`;
  cursor.source.problems.push(problemAt(cursor.at, text, options));
  return undefined;
}

/** The node behind an alias, or nothing when the document has used up its budget. */
function resolve(cursor: Cursor): Node | null {
  const { source, node } = cursor;
  source.budget -= 1;
  if (source.budget < 0) return null;
  if (!isAlias(node)) return node;
  return node.resolve(source.document) ?? null;
}

export type Value =
  | { readonly kind: "absent" }
  | { readonly kind: "scalar"; readonly value: unknown }
  | { readonly kind: "list"; readonly items: readonly Cursor[] }
  | {
      readonly kind: "object";
      readonly entries: readonly {
        readonly key: string;
        readonly keyAt: Position;
        readonly value: Cursor;
      }[];
    };

/** What stands at the cursor. `null`, as in Kubernetes, is the same as not written. */
export function read(cursor: Cursor): Value {
  const node = resolve(cursor);
  if (isMap(node)) {
    const entries = node.items.map((pair) => {
      const keyNode = pair.key as Node | null;
      const key = isScalar(keyNode) ? String(keyNode.value) : "?";
      const keyAt = position(cursor.source, keyNode, cursor.at);
      const valueNode = pair.value as Node | null;
      const value = child(
        cursor,
        valueNode,
        cursor.path === "" ? key : `${cursor.path}.${key}`,
        keyAt,
      );
      return { key, keyAt, value };
    });
    return { kind: "object", entries };
  }
  if (isSeq(node)) {
    const items = node.items.map((item, index) =>
      child(cursor, item as Node | null, `${cursor.path}[${index}]`, cursor.at),
    );
    return { kind: "list", items };
  }
  if (isScalar(node) && node.value !== null) return { kind: "scalar", value: node.value };
  return { kind: "absent" };
}

function child(parent: Cursor, node: Node | null, path: string, fallback: Position): Cursor {
  return { source: parent.source, node, path, at: position(parent.source, node, fallback) };
}

/** How a value is called in a message: its type, and for scalars the value itself. */
export function describe(value: Value): string {
  switch (value.kind) {
    case "absent":
      return "nothing";
    case "list":
      return "a list";
    case "object":
      return "an object";
    case "scalar":
      return JSON.stringify(value.value) ?? String(value.value);
  }
}
