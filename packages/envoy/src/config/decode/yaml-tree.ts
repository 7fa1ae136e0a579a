/**
 * A YAML or JSON file as a tree whose every node knows its place. Plain scalars are typed the way Envoy's YAML reader (yaml-cpp) types them:
 * `on`, `yes` and `n` are booleans, `010` is eight, and numbers with a fraction stay text until a field asks for a number.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export type ConfigNode = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: "map";
  readonly at: Place;
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: Place;
  readonly value: ConfigNode;
}

export interface ListNode {
  readonly kind: "list";
  readonly at: Place;
  readonly items: readonly ConfigNode[];
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly at: Place;
  readonly value: string | number | boolean | null;
  /** As written, without quotes. */
  readonly text: string;
}

export interface SyntaxProblem {
  readonly at: Place;
  readonly message: string;
}

export type ParsedTree =
  | { readonly ok: true; readonly root: ConfigNode }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] };

export const emptyTree: MapNode = { kind: "map", at: { line: 1, column: 1 }, entries: [] };

/** Reads YAML; JSON is a part of it. */
export function parseTree(text: string): ParsedTree {
  const lines = new LineCounter();
  // The failsafe schema leaves every scalar a string: the typing below is Envoy's, not YAML 1.2's. Repeated keys are legal for Envoy.
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: "failsafe",
    uniqueKeys: false,
    merge: false,
  });
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map((error) => ({
        at: placeOf(error.pos[0], lines),
        message: (error.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, ""),
      })),
    };
  }
  if (document.contents === null) return { ok: true, root: emptyTree };
  const reader: Reader = { lines, anchors: new Map(), depth: 0, nodes: 0 };
  try {
    return { ok: true, root: convert(document.contents, reader) };
  } catch (error) {
    if (error instanceof TreeError) return { ok: false, problems: [error.problem] };
    throw error;
  }
}

interface Reader {
  readonly lines: LineCounter;
  /** As they stand at this point of the file: a name can be given anew. */
  readonly anchors: Map<string, ParsedNode>;
  depth: number;
  nodes: number;
}

/** Anchors can repeat a part many times over: beyond this a file is an attack and not a configuration. */
const maxNodes = 500_000;
const maxDepth = 200;

class TreeError extends Error {
  readonly problem: SyntaxProblem;
  constructor(at: Place, message: string) {
    super(message);
    this.problem = { at, message };
  }
}

function convert(node: ParsedNode, reader: Reader): ConfigNode {
  const at = placeOf(node.range[0], reader.lines);
  if (++reader.nodes > maxNodes) throw new TreeError(at, `more than ${maxNodes} values`);
  if (reader.depth > maxDepth) throw new TreeError(at, `nested more than ${maxDepth} levels deep`);
  if (isAlias(node)) {
    const target = reader.anchors.get(node.source);
    if (target === undefined) throw new TreeError(at, `no anchor is called ${node.source}`);
    reader.depth++;
    const resolved = convert(target, reader);
    reader.depth--;
    return resolved;
  }
  if (node.anchor !== undefined) reader.anchors.set(node.anchor, node);
  if (isScalar(node)) return convertScalar(String(node.value ?? ""), node.type ?? "PLAIN", at);
  reader.depth++;
  try {
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as ParsedNode, reader));
      return { kind: "list", at, items };
    }
    if (isMap(node)) {
      return { kind: "map", at, entries: node.items.map((pair) => convertPair(pair, at, reader)) };
    }
  } finally {
    reader.depth--;
  }
  throw new TreeError(at, "neither a map, a list nor a scalar");
}

function convertPair(
  pair: { readonly key: unknown; readonly value: unknown },
  owner: Place,
  reader: Reader,
): MapEntry {
  const key = convert(pair.key as ParsedNode, reader);
  if (key.kind !== "scalar") throw new TreeError(key.at, "a key has to be a scalar");
  const value: ConfigNode =
    pair.value === null || pair.value === undefined
      ? { kind: "scalar", at: key.at ?? owner, value: null, text: "" }
      : convert(pair.value as ParsedNode, reader);
  return { key: key.text, keyAt: key.at, value };
}

function convertScalar(text: string, type: string, at: Place): ScalarNode {
  const value = type === "PLAIN" ? plainValue(text) : text;
  return { kind: "scalar", at, value, text };
}

const truths = /^(?:y|yes|true|on)$/i;
const falsehoods = /^(?:n|no|false|off)$/i;
/** All lower, all upper or Capitalised, as yaml-cpp has it: `yES` is text. */
const flexibleCase = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)$/;

function plainValue(text: string): ScalarNode["value"] {
  if (text === "" || text === "~" || /^(?:null|Null|NULL)$/.test(text)) return null;
  if (flexibleCase.test(text)) {
    if (truths.test(text)) return true;
    if (falsehoods.test(text)) return false;
  }
  const integer = plainInteger(text);
  if (integer === undefined) return text;
  // Larger ones travel as text, so that 64 bits survive.
  return Math.abs(integer) <= 0x7fff_ffff ? integer : String(integer);
}

function plainInteger(text: string): number | undefined {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]+|[1-9][0-9]*|0)$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  const digits = match[2];
  const isOctal = /^0[0-7]+$/.test(digits);
  const size = isOctal ? Number.parseInt(digits, 8) : Number(digits);
  if (!Number.isSafeInteger(size)) return undefined;
  return match[1] === "-" ? -size : size;
}

function placeOf(offset: number, lines: LineCounter): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
