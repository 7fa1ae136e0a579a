/** Where something stands in a manifest; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Severity = "error" | "warning" | "info";

/** One finding about a manifest. Only errors keep a configuration from being rendered. */
export interface Problem extends Position {
  /** The code of Istio's analyser, where it has one for this finding. */
  readonly code?: string;
  readonly severity: Severity;
  readonly message: string;
}

export function problemAt(
  at: Position,
  message: string,
  options: { readonly code?: string; readonly severity?: Severity } = {},
): Problem {
  const { code, severity = "error" } = options;
  const { file, line, column } = at;
  return { file, line, column, severity, message, ...(code === undefined ? {} : { code }) };
}

/** `reviews.yaml:12:9: error [IST0101] ...`, the form editors and terminals make a link of. */
export function formatProblem(problem: Problem): string {
  const code = problem.code === undefined ? "" : ` [${problem.code}]`;
  const { file, line, column, severity, message } = problem;
  return `${file}:${line}:${column}: ${severity}${code} ${message}`;
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === "error");
}

/** By place, keeping the order in which the files were given. */
export function sortProblems(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const rank = new Map(files.map((file, index) => [file, index]));
  return [...problems].sort(
    (a, b) =>
      (rank.get(a.file) ?? files.length) - (rank.get(b.file) ?? files.length) ||
      a.line - b.line ||
      a.column - b.column,
  );
}
