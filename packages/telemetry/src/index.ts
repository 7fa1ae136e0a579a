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

// For other packages

export { createCallerSampler } from "./caller-sampler.ts";
export { assembleTelemetry, contextualTracer, type TelemetryParts } from "./telemetry.ts";
