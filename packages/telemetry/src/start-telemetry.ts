import { context, propagation, trace } from "@opentelemetry/api";
import { createPropagator, declareSoleInjector, otelContextManager } from "@tracemesh/propagation";
import { checkConfig, type Env, type TelemetryConfig, telemetryConfigFromEnv } from "./config.ts";
import { createPipeline } from "./pipeline.ts";
import { assembleTelemetry, type Telemetry } from "./telemetry.ts";

export interface StartOptions extends Partial<TelemetryConfig> {
  /** Read for what the options leave open. Default: nothing is read. */
  readonly env?: Env;
}

/**
 * Starts the OTel NodeSDK for a process that is one service: its tracer, propagator and context manager
 * become OTel's globals. Importing the SDK takes 0.25 to 0.45 s, so that happens here and not at import.
 *
 * @example
 * const telemetry = await startTelemetry({ serviceName: "service1", env: process.env });
 */
export async function startTelemetry(options: StartOptions): Promise<Telemetry> {
  const { env = {}, ...given } = options;
  const config = checkConfig({
    serviceName: "unknown_service",
    ...telemetryConfigFromEnv(env),
    ...given,
  });
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  const propagator = config.propagator ?? createPropagator();
  const { giveUp, ...pipeline } = createPipeline(config);
  const sdk = new NodeSDK({
    ...pipeline,
    textMapPropagator: propagator,
    contextManager: otelContextManager,
    // Only traces: without these the SDK would start metrics and logs of its own choice.
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  // No instrumentation is loaded, so nobody but us writes headers with the global propagator.
  declareSoleInjector(true);

  return assembleTelemetry({
    serviceName: config.serviceName,
    tracer: trace.getTracer("tracemesh"),
    propagator,
    shutdownTimeoutMs: config.shutdownTimeoutMs ?? 2000,
    log: config.log ?? (() => {}),
    flush: async () => {
      await Promise.all(pipeline.spanProcessors.map((processor) => processor.forceFlush()));
    },
    giveUp,
    shutdown: async () => {
      try {
        await sdk.shutdown();
      } finally {
        declareSoleInjector(false);
        trace.disable();
        context.disable();
        propagation.disable();
      }
    },
  });
}
