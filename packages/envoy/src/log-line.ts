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
