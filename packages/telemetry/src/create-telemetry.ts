import { ProxyTracerProvider } from "@opentelemetry/api";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { createPropagator } from "@tracemesh/propagation";
import { checkConfig, type TelemetryConfig } from "./config.ts";
import { createPipeline } from "./pipeline.ts";
import { assembleTelemetry, type Telemetry } from "./telemetry.ts";

const SHUTDOWN_TIMEOUT_MS = 2000;

/**
 * Telemetry of one of several services in a process: its own tracer and name, no OTel globals, and none of
 * what `@opentelemetry/sdk-node` imports.
 *
 * @example
 * const telemetry = createTelemetry({ serviceName: "service1" });
 */
export function createTelemetry(config: TelemetryConfig): Telemetry {
  const checked = checkConfig(config);
  const { giveUp, ...pipeline } = createPipeline(checked);
  const provider = new TracerProvider(pipeline);
  return assembleTelemetry({
    serviceName: checked.serviceName,
    tracer: provider.getTracer("tracemesh"),
    propagator: checked.propagator ?? createPropagator(),
    shutdownTimeoutMs: checked.shutdownTimeoutMs ?? SHUTDOWN_TIMEOUT_MS,
    log: checked.log ?? (() => {}),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
    giveUp,
  });
}

/** Telemetry that makes no spans: for a service that only forwards, and for tests. */
export function createNoopTelemetry(serviceName: string): Telemetry {
  return assembleTelemetry({
    serviceName,
    tracer: new ProxyTracerProvider().getTracer("noop"),
    propagator: createPropagator(),
    shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS,
    log: () => {},
    flush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  });
}
