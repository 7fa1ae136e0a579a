/** Envoy's command line. https://www.envoyproxy.io/docs/envoy/latest/operations/cli */

export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";

export type Mode = "serve" | "validate";

export interface Options {
  readonly configPath?: string;
  /** Merged over the file. */
  readonly configYaml?: string;
  readonly mode: Mode;
  readonly serviceCluster?: string;
  readonly serviceNode?: string;
  readonly serviceZone?: string;
  readonly concurrency?: number;
  readonly logLevel: LogLevel;
  readonly logPath?: string;
  /** Default 600 s, as Envoy's. */
  readonly drainTimeS: number;
  readonly baseId: number;
}
