/** One proxy between a client and an upstream of a test's own, with a collector of its own, and a look at its memory. */
import { readFileSync } from "node:fs";
import { findFreePorts } from "@tracemesh/cli";
import {
  address,
  cluster,
  httpListener,
  router,
  routesOfAll,
  types,
  zipkinProvider,
} from "../rig/configuration-parts.ts";
import { readStats, startConfigured } from "../rig/configured-proxy.ts";
import type { ProxyCommand } from "../rig/proxy-process.ts";

export interface ProxyUnderTest {
  readonly port: number;
  /** Counters and gauges of /stats whose names hold the text. */
  stats(text: string): Promise<ReadonlyMap<string, number>>;
  /** Resident memory, MiB. */
  memory(): number;
  stop(): Promise<void>;
}

export interface Peers {
  readonly upstream: number;
  readonly collector: number;
}

export type Tracer = "zipkin" | "opentelemetry";

export async function startProxyUnderTest(
  command: ProxyCommand,
  peers: Peers,
  tracer: Tracer = "zipkin",
): Promise<ProxyUnderTest> {
  const [port = 0, admin = 0] = await findFreePorts(2);
  const config = bootstrap(port, admin, peers, tracer);
  const proxy = await startConfigured(command, config, { ports: [port] });
  return {
    port,
    stats: async (text) => {
      const lines = await readStats(admin, text);
      return new Map(
        lines.map((line) => {
          const [name = "", value] = line.split(": ");
          return [name, Number(value)];
        }),
      );
    },
    memory: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.pid}/status`, "utf8"))?.[1]) / 1024,
    stop: () => proxy.stop(2_000),
  };
}

function provider(tracer: Tracer, collector: number): object {
  if (tracer === "zipkin") return zipkinProvider("collector");
  const uri = `http://127.0.0.1:${collector}/v1/traces`;
  return {
    name: "envoy.tracers.opentelemetry",
    typed_config: {
      "@type": `${types}.config.trace.v3.OpenTelemetryConfig`,
      service_name: "test",
      http_service: { http_uri: { uri, cluster: "collector", timeout: "0.2s" } },
    },
  };
}

function bootstrap(
  port: number,
  admin: number,
  { upstream, collector }: Peers,
  tracer: Tracer,
): object {
  const manager = {
    stat_prefix: "test",
    request_headers_timeout: "1s",
    tracing: { provider: provider(tracer, collector) },
    route_config: routesOfAll([
      { match: { prefix: "/" }, route: { cluster: "service", timeout: "2s" } },
    ]),
    http_filters: [router()],
  };
  return {
    node: { id: "test", cluster: "test" },
    admin: { address: address(admin) },
    layered_runtime: {
      layers: [
        {
          name: "test",
          static_layer: {
            "tracing.zipkin.request_timeout": 200,
            "tracing.opentelemetry.flush_interval_ms": 200,
          },
        },
      ],
    },
    static_resources: {
      listeners: [
        httpListener("main", port, manager, { per_connection_buffer_limit_bytes: 65_536 }),
      ],
      clusters: [cluster("service", upstream), cluster("collector", collector)],
    },
  };
}
