import { splitCommand } from "./command-words.ts";
import type { Located, LocatedMap } from "./located-yaml.ts";
import type { Position, Problem } from "./problem.ts";

/** Turns located YAML into plain values; what does not fit is noted, never thrown, so that one run shows all of it. */
export class Decoder {
  readonly problems: Problem[] = [];

  fail(where: { readonly at: Position; readonly path: string }, message: string): void {
    this.problems.push({ at: where.at, path: where.path, message });
  }

  /** Runs a parser that throws, and notes what it says. */
  attempt<T>(where: Located, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      this.fail(where, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  map(node: Located): LocatedMap | undefined {
    if (node.kind === "map") return node;
    this.expected(node, "a mapping");
    return undefined;
  }

  list(node: Located): readonly Located[] {
    if (node.kind === "list") return node.items;
    this.expected(node, "a list");
    return [];
  }

  string(node: Located): string | undefined {
    if (node.kind === "scalar" && node.value !== null) return String(node.value);
    this.expected(node, "a string");
    return undefined;
  }

  strings(node: Located): readonly string[] {
    return this.list(node).flatMap((item) => this.string(item) ?? []);
  }

  /** A whole number; a string of digits counts, as `${VAR}` always gives one. */
  integer(node: Located): number | undefined {
    if (node.kind === "scalar" && /^\d+$/.test(String(node.value))) return Number(node.value);
    this.expected(node, "a whole number");
    return undefined;
  }

  /** A command: a list of words, or one string that is split as a shell would. */
  words(node: Located): readonly string[] | undefined {
    if (node.kind === "list") return this.strings(node);
    const text = this.string(node);
    return text === undefined ? undefined : this.attempt(node, () => splitCommand(text));
  }

  expected(node: Located, what: string): void {
    this.fail(node, `${what} is expected, got ${describeNode(node)}`);
  }
}

export function describeNode(node: Located): string {
  if (node.kind === "map") return "a mapping";
  if (node.kind === "list") return "a list";
  return node.value === null ? "nothing" : JSON.stringify(node.value);
}
