import type { OpenTelemetryConfig } from "../../config/opentelemetry.ts";
import { HeaderMap } from "../../http/header-map.ts";
import { parseCollectorUri } from "../collector-uri.ts";
import type { Report } from "../report-sender.ts";
import { runtimeInteger } from "../runtime-values.ts";
import { SpanBatcher } from "../span-batcher.ts";
import type { TracerDependencies } from "../tracer-dependencies.ts";
import { implementedVersion } from "./implemented-version.ts";
import { type OtelExporter, OtelTracer } from "./otel-tracer.ts";
import { createRequestEncoder, createSpanEncoder } from "./otlp-encoder.ts";
import { createResource } from "./resource.ts";

const userAgent = `OTel-OTLP-Exporter-Envoy/${implementedVersion}`;
const exportMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

export function createOpenTelemetryTracer(
  config: OpenTelemetryConfig,
  dependencies: TracerDependencies,
): OtelTracer {
  const options = { alwaysOn: config.sampler !== undefined, node: dependencies.node };
  return new OtelTracer(options, createExporter(config, dependencies), dependencies.ids);
}

function createExporter(
  config: OpenTelemetryConfig,
  dependencies: TracerDependencies,
): OtelExporter {
  const { runtime, sender, stats, environment } = dependencies;
  const encodeSpan = createSpanEncoder();
  const encodeRequest = createRequestEncoder(createResource(config, environment), {
    name: "envoy",
    version: implementedVersion,
  });
  const target = readTarget(config);
  const spansSent = stats.counter("tracing.opentelemetry.spans_sent");
  const spansDropped = stats.counter("tracing.opentelemetry.spans_dropped");
  const timerFlushed = stats.counter("tracing.opentelemetry.timer_flushed");
  const batcher = new SpanBatcher<Buffer>({
    minFlushSpans: () => runtimeInteger(runtime, "tracing.opentelemetry.min_flush_spans", 5),
    flushIntervalMs: () => runtimeInteger(runtime, "tracing.opentelemetry.flush_interval_ms", 5000),
    ...(config.maxCacheSize === undefined ? {} : { maxPendingSpans: config.maxCacheSize }),
    send: (spans, done) =>
      target === undefined
        ? undefined
        : sender.send(target.cluster, target.report(encodeRequest(spans)), done),
    onTimerFlush: () => timerFlushed.add(1),
    onSpans: (count) => spansSent.add(count),
    onOutcome: () => {},
    onNoCluster: () => {},
    onOverflow: (count) => spansDropped.add(count),
  });
  return {
    export: (span) => batcher.add(encodeSpan(span)),
    close: (timeoutMs) => batcher.close(timeoutMs),
  };
}

interface Target {
  readonly cluster: string;
  report(body: Buffer): Report;
}

/** Undefined: the configuration names neither service, and nothing is exported. */
function readTarget(config: OpenTelemetryConfig): Target | undefined {
  const { grpcService, httpService } = config;
  if (grpcService !== undefined) return grpcTarget(grpcService);
  if (httpService?.httpUri !== undefined) return httpTarget(httpService, httpService.httpUri);
  return undefined;
}

function httpTarget(
  service: NonNullable<OpenTelemetryConfig["httpService"]>,
  { uri, cluster, timeoutMs }: NonNullable<typeof service.httpUri>,
): Target {
  const { host, path } = parseCollectorUri(uri);
  const headers = new HeaderMap(["content-type", "application/x-protobuf"]);
  for (const { header } of service.requestHeadersToAdd)
    headers.set(header.key.toLowerCase(), header.value);
  if (!headers.has("user-agent")) headers.add("user-agent", userAgent);
  return {
    cluster,
    report: (body) => ({ path, host, headers: headers.lines, body, timeoutMs, grpc: false }),
  };
}

function grpcTarget(service: NonNullable<OpenTelemetryConfig["grpcService"]>): Target {
  const { clusterName, authority } = service.envoyGrpc;
  const headers = ["te", "trailers", "content-type", "application/grpc"];
  for (const { key, value } of service.initialMetadata) headers.push(key.toLowerCase(), value);
  headers.push("user-agent", userAgent);
  return {
    cluster: clusterName,
    report: (body) => ({
      path: exportMethod,
      host: authority || clusterName,
      headers,
      body: frame(body),
      timeoutMs: service.timeoutMs || undefined,
      grpc: true,
    }),
  };
}

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: not compressed, length, message. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
