// For users

export {
  DEFAULT_ENDPOINT,
  type Env,
  type TelemetryConfig,
  TelemetryConfigError,
  telemetryConfigFromEnv,
} from "./config.ts";
export { createNoopTelemetry, createTelemetry } from "./create-telemetry.ts";
export { type StartOptions, startTelemetry } from "./start-telemetry.ts";
export type { Telemetry } from "./telemetry.ts";
export { createZipkinExporter, type ZipkinExporterOptions } from "./zipkin-exporter.ts";
export {
  createZipkinV1Exporter,
  type V1Encoding,
  type ZipkinV1ExporterOptions,
} from "./zipkin-v1/exporter.ts";

// For other packages

export type { SpanExporter } from "@opentelemetry/sdk-trace";
export { createCallerSampler } from "./caller-sampler.ts";
export { type Lookup, nodeLookup } from "./lookup.ts";
export { assembleTelemetry, contextualTracer, type TelemetryParts } from "./telemetry.ts";
