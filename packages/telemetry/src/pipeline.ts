import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  type Sampler,
  type SpanProcessor,
  type TracerProviderOptions,
} from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import { createCallerSampler } from "./caller-sampler.ts";
import type { TelemetryConfig } from "./config.ts";
import { tellOutageOnce } from "./outage-log.ts";
import { spanOriginProcessor } from "./span-origin.ts";
import { createZipkinExporter } from "./zipkin-exporter.ts";

/** What both forms of start-up build their tracer provider from. */
export interface Pipeline {
  readonly resource: NonNullable<TracerProviderOptions["resource"]>;
  readonly sampler: Sampler;
  readonly spanProcessors: SpanProcessor[];
  /** Ends uploads under way: the time for them is over. */
  readonly giveUp: () => void;
}

const UPLOAD_TIMEOUT_MS = 5000;

export function createPipeline(config: TelemetryConfig & { readonly endpoint: string }): Pipeline {
  const { serviceName, endpoint, lookup, log = () => {} } = config;
  const uploadTimeoutMs = config.uploadTimeoutMs ?? UPLOAD_TIMEOUT_MS;
  const givenUp = new AbortController();
  const { signal } = givenUp;
  const exporter =
    config.exporter ??
    createZipkinExporter({ serviceName, endpoint, uploadTimeoutMs, lookup, signal });
  const batcher = new BatchSpanProcessor({
    exporter: tellOutageOnce(exporter, log, signal),
    scheduledDelayMillis: config.flushIntervalMs ?? 250,
    maxQueueSize: config.maxQueuedSpans ?? 2048,
    maxExportBatchSize: Math.min(512, config.maxQueuedSpans ?? 512),
    // The exporter has its own limit; this one only guards against that failing.
    exportTimeoutMillis: uploadTimeoutMs * 2,
  });
  return {
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: serviceName }),
    sampler: createCallerSampler(config.samplerRatio ?? 1),
    spanProcessors: [spanOriginProcessor, batcher],
    giveUp: () => givenUp.abort(),
  };
}
