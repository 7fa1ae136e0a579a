/** From the text of a file to a checked bootstrap, or to every problem in it. */
import { type Bootstrap, bootstrap } from "./bootstrap.ts";
import type { Environment } from "./data-source-bytes.ts";
import { type FoundProblem, type Report, Scope, stages } from "./decode/scope.ts";
import { type ConfigNode, parseTree } from "./decode/yaml-tree.ts";
import { mergeTrees } from "./merge-trees.ts";
import type { Problem } from "./problem.ts";
import { checkBootstrap } from "./validate/check-bootstrap.ts";

export interface ConfigSource {
  readonly path: string;
  readonly text: string;
}

export interface ConfigExtras {
  /** --config-yaml, merged over the file. */
  readonly configYaml?: string;
  /** For values that come from environment variables; default: the process's. */
  readonly env?: Environment;
}

export type DecodedBootstrap =
  | { readonly ok: true; readonly bootstrap: Bootstrap }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

/** Problems come in the order in which Envoy would meet them: the first is the one it would report. */
export function decodeBootstrap(source: ConfigSource, extras: ConfigExtras = {}): DecodedBootstrap {
  const report: Report = { file: source.path, problems: [], origins: new WeakMap() };
  const refused = refusedFormat(source.path);
  if (refused !== undefined) return failed([{ ...place(source.path), ...refused }]);

  const file = readTree(source.text, source.path);
  const inline =
    extras.configYaml === undefined ? undefined : readTree(extras.configYaml, "--config-yaml");
  const syntax = [...file.problems, ...(inline?.problems ?? [])];
  const [first, ...rest] = syntax;
  if (first !== undefined) return { ok: false, problems: [first, ...rest] };

  const root = mergeTrees(file.root, inline?.root);
  const decoded = bootstrap.decode(root, new Scope(report));
  if (decoded !== undefined) checkBootstrap(decoded, report, extras.env ?? process.env);
  if (decoded === undefined || report.problems.length > 0) return failed(report.problems);
  return { ok: true, bootstrap: decoded };
}

function failed(problems: readonly (Problem | FoundProblem)[]): DecodedBootstrap {
  const rank = (problem: Problem | FoundProblem): number =>
    "stage" in problem ? stages.indexOf(problem.stage) : -1;
  const sorted = problems.toSorted(
    (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
  );
  const [first, ...rest] = sorted.map(({ file, line, column, path, message, envoyMessage }) => ({
    file,
    line,
    column,
    path,
    message,
    envoyMessage,
  }));
  if (first === undefined) throw new Error("a configuration failed to decode without a problem");
  return { ok: false, problems: [first, ...rest] };
}

export function readTree(
  text: string,
  file: string,
): { readonly root: ConfigNode; readonly problems: readonly Problem[] } {
  const parsed = parseTree(text);
  if (parsed.ok) return { root: parsed.root, problems: [] };
  const problems = parsed.problems.map(({ at: { line, column }, message }) => ({
    file,
    line,
    column,
    path: "",
    message,
    envoyMessage: `yaml-cpp: error at line ${line}, column ${column}: ${message}`,
  }));
  return { root: { kind: "map", at: { line: 1, column: 1 }, entries: [] }, problems };
}

function place(file: string): Pick<Problem, "file" | "line" | "column" | "path"> {
  return { file, line: 0, column: 0, path: "" };
}

const binaryFormats = [".pb", ".pb_text"];

function refusedFormat(path: string): Pick<Problem, "message" | "envoyMessage"> | undefined {
  const extension = binaryFormats.find((suffix) => path.endsWith(suffix));
  if (extension === undefined) return undefined;
  const message = `${extension} files are not supported here: allowed are .yaml, .yml and .json`;
  return { message, envoyMessage: message };
}
