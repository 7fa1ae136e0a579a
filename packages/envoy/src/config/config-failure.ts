/** How Envoy says that a configuration is no good: on stderr, with exit status 1; then our list of everything wrong with it. */
import { formatProblem, type Problem } from "./problem.ts";

export interface FailureContext {
  readonly mode: "serve" | "validate" | "init_only";
  /** As given to --config-path; empty when there was none. */
  readonly configPath: string;
  readonly now: Date;
  readonly pid: number;
  /** False with --log-level off. */
  readonly logs: boolean;
}

/** Text for stderr, ending in a line feed. */
export function formatConfigFailure(
  problems: readonly [Problem, ...Problem[]],
  context: FailureContext,
): string {
  const [{ envoyMessage }] = problems;
  const { mode, configPath, logs } = context;
  const lines: string[] = [];
  if (mode === "validate") {
    const text = `error initializing configuration '${configPath}': ${envoyMessage}`;
    lines.push(logs ? criticalLine(text, context) : text);
  } else {
    if (logs) {
      lines.push(
        criticalLine(`error \`${envoyMessage}\` initializing config '${configPath}'`, context),
      );
    }
    lines.push(envoyMessage);
  }
  return `${[...lines, ...problems.map(formatProblem)].join("\n")}\n`;
}

/** What --mode validate prints on stdout when all is well. */
export function formatConfigOk(configPath: string): string {
  return `configuration '${configPath}' OK\n`;
}

/** Nothing to read: neither --config-path nor --config-yaml. */
export function noConfigProblem(): Problem {
  const envoyMessage =
    "At least one of --config-path or --config-yaml or Options::configProto() should be non-empty";
  const message = "no configuration: give --config-path FILE or --config-yaml YAML";
  return { file: "command line", line: 0, column: 0, path: "", message, envoyMessage };
}

/** A file that cannot be read. */
export function unreadableFileProblem(configPath: string, reason: string): Problem {
  const envoyMessage = `unable to read file: ${configPath}`;
  const message = `the file cannot be read: ${reason}`;
  return { file: configPath, line: 0, column: 0, path: "", message, envoyMessage };
}

function criticalLine(text: string, { now, pid }: FailureContext): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  const time = local.toISOString().replace("T", " ").replace("Z", "");
  return `[${time}][${pid}][critical][main] ${text}`;
}
