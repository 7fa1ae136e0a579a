import type { SkyWalkingConfig } from "../../config/skywalking.ts";
import type { TracerDependencies } from "../tracer-dependencies.ts";
import { StreamingReporter } from "./segment-reporter.ts";
import { SkyWalkingTracer } from "./skywalking-tracer.ts";

const collectMethod = "/skywalking.v3.TraceSegmentReportService/collect";
const defaultName = "EnvoyProxy";
const defaultMaxCached = 1024;

export function createSkyWalkingTracer(
  { grpcService, clientConfig = {} }: SkyWalkingConfig,
  { node, streams, stats, ids }: TracerDependencies,
): SkyWalkingTracer {
  const { clusterName, authority } = grpcService.envoyGrpc;
  const headers = ["te", "trailers", "content-type", "application/grpc"];
  for (const { key, value } of grpcService.initialMetadata) headers.push(key.toLowerCase(), value);
  const token = clientConfig.backendToken ?? "";
  if (token !== "") headers.push("authentication", token);
  const counter = (name: string): ReturnType<typeof stats.counter> =>
    stats.counter(`tracing.skywalking.${name}`);
  const reporter = new StreamingReporter({
    streams,
    cluster: clusterName,
    call: { path: collectMethod, host: authority || clusterName, headers },
    maxCached: clientConfig.maxCacheSize ?? defaultMaxCached,
    random: () => ids.uint32(),
    sent: counter("segments_sent"),
    dropped: counter("segments_dropped"),
    flushed: counter("segments_flushed"),
    cacheFlushed: counter("cache_flushed"),
  });
  const options = {
    service: clientConfig.serviceName || node.cluster || defaultName,
    instance: clientConfig.instanceName || node.id || defaultName,
    node,
  };
  return new SkyWalkingTracer(options, reporter, ids);
}
