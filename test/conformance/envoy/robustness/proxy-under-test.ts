/** One proxy between a client and an upstream of a test's own, with a collector of its own, and a look at its memory. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePorts } from "@tracemesh/cli";
import { type ProxyCommand, startProxy } from "../rig/proxy-process.ts";

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

const types = "type.googleapis.com/envoy";

/** 10 s for the proxy to come up: machines are busy. */
const readyMs = 10_000;

export async function startProxyUnderTest(
  command: ProxyCommand,
  peers: Peers,
  tracer: Tracer = "zipkin",
): Promise<ProxyUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "tracemesh-robustness-"));
  const [port = 0, admin = 0] = await findFreePorts(2);
  const config = join(folder, "envoy.json");
  writeFileSync(config, JSON.stringify(bootstrap(port, admin, peers, tracer)));
  const proxy = startProxy(command(config, []));
  await proxy.listening(port, readyMs);
  return {
    port,
    stats: async (text) => {
      const response = await fetch(`http://127.0.0.1:${admin}/stats`);
      const lines = (await response.text()).split("\n").filter((line) => line.includes(text));
      return new Map(
        lines.map((line) => {
          const [name = "", value] = line.split(": ");
          return [name, Number(value)];
        }),
      );
    },
    memory: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.pid}/status`, "utf8"))?.[1]) / 1024,
    stop: async () => {
      await proxy.stop(2_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function provider(tracer: Tracer, collector: number): object {
  if (tracer === "zipkin")
    return {
      name: "envoy.tracers.zipkin",
      typed_config: {
        "@type": `${types}.config.trace.v3.ZipkinConfig`,
        collector_cluster: "collector",
        collector_endpoint: "/api/v2/spans",
        collector_endpoint_version: "HTTP_JSON",
      },
    };
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
): unknown {
  const address = (port_value: number) => ({
    socket_address: { address: "127.0.0.1", port_value },
  });
  const cluster = (name: string, to: number) => ({
    name,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(to) } }] }],
    },
  });
  const manager = {
    "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "test",
    request_headers_timeout: "1s",
    tracing: { provider: provider(tracer, collector) },
    route_config: {
      name: "all",
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "service", timeout: "2s" } }],
        },
      ],
    },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${types}.extensions.filters.http.router.v3.Router` },
      },
    ],
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
        {
          name: "main",
          address: address(port),
          per_connection_buffer_limit_bytes: 65_536,
          filter_chains: [
            {
              filters: [
                { name: "envoy.filters.network.http_connection_manager", typed_config: manager },
              ],
            },
          ],
        },
      ],
      clusters: [cluster("service", upstream), cluster("collector", collector)],
    },
  };
}
