import type { TextMapPropagator } from "@opentelemetry/api";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Lookup } from "./lookup.ts";

/** What telemetry of one service is made from. */
export interface TelemetryConfig {
  readonly serviceName: string;
  /** Zipkin v2 collector. Default `http://localhost:9411/api/v2/spans`. */
  readonly endpoint?: string;
  /** Share of new traces that are recorded, 0 to 1; a caller's decision stands. Default 1. */
  readonly samplerRatio?: number;
  /** Default: B3, read in either form and written as `x-b3-*`. */
  readonly propagator?: TextMapPropagator;
  /** Where spans go. Default: Zipkin v2 JSON to `endpoint`. */
  readonly exporter?: SpanExporter;
  /** Milliseconds between two uploads. Default 250: a demo's reader waits for the trace. */
  readonly flushIntervalMs?: number;
  /** Milliseconds after which an upload is given up. Default 5000, as Envoy. */
  readonly uploadTimeoutMs?: number;
  /** Milliseconds that `shutdown` may take at most. Default 2000. */
  readonly shutdownTimeoutMs?: number;
  /** Spans waiting for upload; more are dropped. Default 2048. */
  readonly maxQueuedSpans?: number;
  /** Resolves the collector's host name. Default: the system's. */
  readonly lookup?: Lookup;
  /** Where an outage of the collector is told, once. Default: nowhere. */
  readonly log?: (line: string) => void;
}

export type Env = Readonly<Record<string, string | undefined>>;

export const DEFAULT_ENDPOINT = "http://localhost:9411/api/v2/spans";

/** Bad settings, every one with its name, its value and what is allowed. */
export class TelemetryConfigError extends Error {
  override readonly name = "TelemetryConfigError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Settings from SERVICE_NAME, ZIPKIN_ENDPOINT and TRACE_SAMPLE_RATIO; the OTEL_ names work as well. */
export function telemetryConfigFromEnv(env: Env): Partial<TelemetryConfig> {
  const serviceName = env["SERVICE_NAME"] || env["OTEL_SERVICE_NAME"];
  const endpoint = env["ZIPKIN_ENDPOINT"] || env["OTEL_EXPORTER_ZIPKIN_ENDPOINT"];
  const ratio = env["TRACE_SAMPLE_RATIO"];
  const problems = [endpointProblem(endpoint), ratioProblem(ratio)].filter((p) => p !== undefined);
  if (problems.length > 0) throw new TelemetryConfigError(problems);
  return {
    ...(serviceName ? { serviceName } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(ratio ? { samplerRatio: Number(ratio) } : {}),
  };
}

/** Fills in defaults; throws TelemetryConfigError on values that cannot work. */
export function checkConfig(
  config: TelemetryConfig,
): TelemetryConfig & { readonly endpoint: string } {
  const { serviceName, endpoint = DEFAULT_ENDPOINT, samplerRatio } = config;
  const problems = [
    serviceName.trim() === "" ? "serviceName is empty: a name is needed" : undefined,
    endpointProblem(endpoint, "endpoint"),
    samplerRatio === undefined ? undefined : ratioProblem(String(samplerRatio), "samplerRatio"),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new TelemetryConfigError(problems);
  return { ...config, endpoint };
}

function endpointProblem(value: string | undefined, name = "ZIPKIN_ENDPOINT"): string | undefined {
  if (!value) return undefined;
  const url = URL.parse(value);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return undefined;
  return `${name} "${value}" is not an http or https URL, such as ${DEFAULT_ENDPOINT}`;
}

function ratioProblem(value: string | undefined, name = "TRACE_SAMPLE_RATIO"): string | undefined {
  if (!value) return undefined;
  const ratio = Number(value);
  if (value.trim() !== "" && ratio >= 0 && ratio <= 1) return undefined;
  return `${name} "${value}" is not a number from 0 to 1`;
}
