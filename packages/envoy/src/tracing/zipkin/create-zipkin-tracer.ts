import type { ZipkinConfig } from "../../config/zipkin.ts";
import { HeaderMap } from "../../http/header-map.ts";
import { parseCollectorUri } from "../collector-uri.ts";
import type { ReportOutcome } from "../report-sender.ts";
import { runtimeInteger } from "../runtime-values.ts";
import { SpanBatcher } from "../span-batcher.ts";
import type { TracerDependencies } from "../tracer-dependencies.ts";
import { createJsonEncoder } from "./json-encoder.ts";
import { createProtoEncoder } from "./proto-encoder.ts";
import type { ZipkinSpan } from "./zipkin-span.ts";
import { type ZipkinReporter, ZipkinTracer } from "./zipkin-tracer.ts";

export function createZipkinTracer(
  config: ZipkinConfig,
  dependencies: TracerDependencies,
): ZipkinTracer {
  const options = {
    traceId128bit: config.traceId128bit,
    sharedSpanContext: config.sharedSpanContext ?? true,
    splitSpansForRequest: config.splitSpansForRequest,
    node: dependencies.node,
    w3cPropagation: config.traceContextOption === "USE_B3_WITH_W3C_PROPAGATION",
  };
  return new ZipkinTracer(options, createReporter(config, dependencies), dependencies.ids);
}

function createReporter(config: ZipkinConfig, dependencies: TracerDependencies): ZipkinReporter {
  const { node, localAddress } = dependencies;
  const endpoint = { serviceName: node.cluster, address: localAddress };
  if (config.collectorEndpointVersion === "HTTP_PROTO") {
    const encode = createProtoEncoder(endpoint);
    return reporter<Buffer>(config, dependencies, encode, (spans) => Buffer.concat(spans));
  }
  const encode = createJsonEncoder(endpoint);
  return reporter<string>(config, dependencies, encode, (spans) =>
    Buffer.from(`[${spans.join(",")}]`),
  );
}

function reporter<Encoded>(
  config: ZipkinConfig,
  { sender, runtime, stats }: TracerDependencies,
  encode: (span: ZipkinSpan) => Encoded,
  join: (spans: readonly Encoded[]) => Buffer,
): ZipkinReporter {
  const collector = readCollector(config);
  const timerFlushed = stats.counter("tracing.zipkin.timer_flushed");
  const spansSent = stats.counter("tracing.zipkin.spans_sent");
  const reportsSent = stats.counter("tracing.zipkin.reports_sent");
  const reportsDropped = stats.counter("tracing.zipkin.reports_dropped");
  const reportsFailed = stats.counter("tracing.zipkin.reports_failed");
  const skippedNoCluster = stats.counter("tracing.zipkin.reports_skipped_no_cluster");

  function count({ status }: ReportOutcome): void {
    if (status === undefined) reportsFailed.add(1);
    else if (status === 202) reportsSent.add(1);
    else reportsDropped.add(1);
  }

  const batcher = new SpanBatcher<Encoded>({
    minFlushSpans: () => runtimeInteger(runtime, "tracing.zipkin.min_flush_spans", 5),
    flushIntervalMs: () => runtimeInteger(runtime, "tracing.zipkin.flush_interval_ms", 5000),
    send: (spans, done) => {
      const timeoutMs = runtimeInteger(runtime, "tracing.zipkin.request_timeout", 5000);
      const { path, host, headers } = collector;
      const report = { path, host, headers, body: join(spans), timeoutMs, grpc: false };
      return sender.send(collector.cluster, report, done);
    },
    onTimerFlush: () => timerFlushed.add(1),
    onSpans: (amount) => spansSent.add(amount),
    onOutcome: count,
    onNoCluster: () => skippedNoCluster.add(1),
    onOverflow: () => reportsDropped.add(1),
  });
  return {
    report: (span) => batcher.add(encode(span)),
    close: (timeoutMs) => batcher.close(timeoutMs),
  };
}

interface Collector {
  readonly cluster: string;
  readonly path: string;
  readonly host: string;
  readonly headers: readonly string[];
}

/** collector_service says it all in one; before it there were three fields. */
function readCollector(config: ZipkinConfig): Collector {
  const headers = new HeaderMap([
    "content-type",
    config.collectorEndpointVersion === "HTTP_PROTO"
      ? "application/x-protobuf"
      : "application/json",
  ]);
  const service = config.collectorService;
  if (service?.httpUri === undefined) {
    const cluster = config.collectorCluster ?? "";
    const host = config.collectorHostname || cluster;
    return { cluster, host, path: config.collectorEndpoint ?? "/", headers: headers.lines };
  }
  for (const { header } of service.requestHeadersToAdd)
    headers.set(header.key.toLowerCase(), header.value);
  const { cluster, uri } = service.httpUri;
  const { host, path } = parseCollectorUri(uri);
  return { cluster, host: host || cluster, path, headers: headers.lines };
}
