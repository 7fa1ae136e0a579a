/** Lines in the form of Envoy's own log. */

export interface LogLine {
  readonly level: "trace" | "debug" | "info" | "warning" | "error" | "critical";
  /** Envoy's logger name, such as `main` or `config`. */
  readonly logger: string;
  readonly text: string;
}

/** `[2026-11-20 23:42:16.970][6487][critical][main] text` */
export function log(level: LogLine["level"], logger: string, text: string): string {
  const time = new Date().toISOString().replace("T", " ").replace("Z", "");
  return `[${time}][${process.pid}][${level}][${logger}] ${text}`;
}

const levelled = /^\[(trace|debug|info|warning|error|critical)\]\[(\w+)\] (.*)$/s;

/** What the server says: `[warning][config] text`, or text alone. */
export function parseLogLine(line: string): LogLine {
  const [, level, logger = "main", text = line] = levelled.exec(line) ?? [];
  return { level: (level ?? "info") as LogLine["level"], logger, text };
}
