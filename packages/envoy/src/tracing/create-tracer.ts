/** From configuration to a tracer. */
import type { TracingProvider } from "../config/tracing.ts";
import { createOpenTelemetryTracer } from "./opentelemetry/create-opentelemetry-tracer.ts";
import { createSkyWalkingTracer } from "./skywalking/create-skywalking-tracer.ts";
import type { Tracer } from "./tracer.ts";
import type { TracerDependencies } from "./tracer-dependencies.ts";
import { createZipkinTracer } from "./zipkin/create-zipkin-tracer.ts";

export function createTracer(
  { config }: TracingProvider,
  dependencies: TracerDependencies,
): Tracer {
  switch (config.type) {
    case "ZipkinConfig":
      return createZipkinTracer(config, dependencies);
    case "OpenTelemetryConfig":
      return createOpenTelemetryTracer(config, dependencies);
    case "SkyWalkingConfig":
      return createSkyWalkingTracer(config, dependencies);
  }
}
