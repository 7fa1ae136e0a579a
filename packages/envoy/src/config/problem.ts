/** What is wrong with a configuration. */

export interface Problem {
  readonly file: string;
  /** From 1; 0 when the problem has no place in the file. */
  readonly line: number;
  readonly column: number;
  /** Such as `static_resources.listeners[0].address`; empty for the file as a whole. */
  readonly path: string;
  /** For people: what was wrong, what was received, what is allowed. */
  readonly message: string;
  /** What Envoy says, word for word where it is stable. */
  readonly envoyMessage: string;
}

/** `envoy.yaml:42:11 static_resources.listeners[0].address: port_value 99999 is not in 0..65535` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message } = problem;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return path === "" ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}
