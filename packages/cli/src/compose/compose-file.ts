import type { PortMapping } from "./port-mapping.ts";
import type { Position, Problem } from "./problem.ts";

/** The mesh as docker-compose.yml describes it: what `tracemesh up` needs of it. */
export interface ComposeFile {
  /** The path as the user knows it, for messages. */
  readonly file: string;
  readonly services: ReadonlyMap<string, ComposeService>;
}

export interface ComposeService {
  readonly name: string;
  readonly at: Position;
  readonly image: string | undefined;
  /** True when the service runs the image that the Dockerfile builds. */
  readonly built: boolean;
  readonly command: ComposeCommand | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly PortMapping[];
  readonly dependsOn: ReadonlyMap<string, DependencyCondition>;
  readonly healthcheck: Healthcheck | undefined;
  /** The service whose network namespace this one shares (`network_mode: "service:x"`). */
  readonly networkOf: string | undefined;
  readonly hostname: string | undefined;
  /** Every name the other services know it by, its own included. */
  readonly hostNames: readonly string[];
  readonly profiles: readonly string[];
  /** A command that shows what the service does, from `x-tracemesh.try`. */
  readonly tryThis: string | undefined;
  /** What it asks for that cannot be honoured without Docker: stops the start only when the service is to run. */
  readonly unsupported: readonly Problem[];
}

export interface ComposeCommand {
  readonly words: readonly string[];
  readonly at: Position;
}

export type DependencyCondition = "service_started" | "service_healthy";

export interface Healthcheck {
  readonly test: readonly string[];
  readonly at: Position;
  readonly intervalMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}
