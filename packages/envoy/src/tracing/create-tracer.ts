/** From configuration to a tracer. */
import type { TracingProvider } from "../config/tracing.ts";
import type { Tracer } from "./tracer.ts";
import type { TracerDependencies } from "./tracer-dependencies.ts";
import { createZipkinTracer } from "./zipkin/create-zipkin-tracer.ts";

export function createTracer(provider: TracingProvider, dependencies: TracerDependencies): Tracer {
  const { config } = provider;
  if (config.type === "ZipkinConfig") return createZipkinTracer(config, dependencies);
  throw new Error(`No tracer for ${config.type}`);
}
