/** A place in the compose file, both 1-based, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with the compose file, and where. */
export interface Problem {
  readonly at: Position;
  readonly path: string;
  readonly message: string;
}

/** Thrown once per file, with everything that is wrong in it. */
export class ComposeError extends Error {
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((problem) => describeProblem(file, problem)).join("\n"));
    this.name = "ComposeError";
    this.file = file;
    this.problems = problems;
  }
}

/** `docker-compose.yml:12:5 services.web.ports[0]: what is wrong` */
export function describeProblem(file: string, { at, path, message }: Problem): string {
  return `${file}:${at.line}:${at.column} ${path === "" ? "" : `${path}: `}${message}`;
}
