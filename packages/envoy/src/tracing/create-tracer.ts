/** From configuration to a tracer. */
import type { TracingProvider } from "../config/tracing.ts";
import { createOpenTelemetryTracer } from "./opentelemetry/create-opentelemetry-tracer.ts";
import type { Tracer } from "./tracer.ts";
import type { TracerDependencies } from "./tracer-dependencies.ts";
import { createZipkinTracer } from "./zipkin/create-zipkin-tracer.ts";

export function createTracer(provider: TracingProvider, dependencies: TracerDependencies): Tracer {
  const { config } = provider;
  return config.type === "ZipkinConfig"
    ? createZipkinTracer(config, dependencies)
    : createOpenTelemetryTracer(config, dependencies);
}
