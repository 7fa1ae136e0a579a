/** The cluster a tracer reports to has to exist. */
import type { Report } from "../decode/scope.ts";
import type { TracingProvider } from "../tracing.ts";
import { problemAt } from "./problem-at.ts";

export function checkTracingProvider(
  provider: TracingProvider,
  clusters: ReadonlySet<string>,
  report: Report,
): void {
  const { config } = provider;
  const [tracer, field, cluster] =
    config.type === "ZipkinConfig"
      ? config.collectorService === undefined
        ? ["envoy.tracers.zipkin", "collector_cluster", config.collectorCluster]
        : ["envoy.tracers.zipkin", "collector_service", config.collectorService.httpUri?.cluster]
      : config.grpcService === undefined
        ? ["envoy.tracers.opentelemetry", "http_service", config.httpService?.httpUri?.cluster]
        : ["envoy.tracers.opentelemetry", "grpc_service", config.grpcService.envoyGrpc.clusterName];
  if (cluster === undefined || field === undefined || clusters.has(cluster)) return;
  const message = `no cluster is called ${JSON.stringify(cluster)}`;
  const envoyMessage = `${tracer}: unknown cluster '${cluster}'`;
  problemAt(config, { stage: "listeners", field, message, envoyMessage }, report);
}
