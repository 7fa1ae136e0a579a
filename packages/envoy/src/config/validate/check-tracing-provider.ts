/** The cluster a tracer reports to has to exist. */
import type { Report } from "../decode/scope.ts";
import type { TracingProvider } from "../tracing.ts";
import { problemAt } from "./problem-at.ts";

/** The field that names the cluster, and what it says. */
interface Collector {
  readonly tracer: string;
  readonly field: string;
  readonly cluster: string | undefined;
}

export function checkTracingProvider(
  { config }: TracingProvider,
  clusters: ReadonlySet<string>,
  report: Report,
): void {
  const collector = collectorOf(config);
  if (collector?.cluster === undefined || clusters.has(collector.cluster)) return;
  const { tracer, field, cluster } = collector;
  const message = `no cluster is called ${JSON.stringify(cluster)}`;
  const envoyMessage = `${tracer}: unknown cluster '${cluster}'`;
  problemAt(config, { stage: "listeners", field, message, envoyMessage }, report);
}

function collectorOf(config: TracingProvider["config"]): Collector | undefined {
  switch (config.type) {
    case "ZipkinConfig": {
      const tracer = "envoy.tracers.zipkin";
      const service = config.collectorService;
      return service === undefined
        ? { tracer, field: "collector_cluster", cluster: config.collectorCluster }
        : { tracer, field: "collector_service", cluster: service.httpUri?.cluster };
    }
    case "OpenTelemetryConfig": {
      const tracer = "envoy.tracers.opentelemetry";
      const { grpcService, httpService } = config;
      return grpcService === undefined
        ? { tracer, field: "http_service", cluster: httpService?.httpUri?.cluster }
        : { tracer, field: "grpc_service", cluster: grpcService.envoyGrpc.clusterName };
    }
    case "SkyWalkingConfig":
      // Its stream is opened again and again: the cluster may come later.
      return undefined;
  }
}
