/** A proxy's static resources out of the parts that a case is about, as YAML with the ports left open. */

export interface StaticResources {
  /** The virtual host's routes, as a YAML list; default: everything to `service`. */
  readonly routes?: string;
  /** The filters before the router, as a YAML list. */
  readonly filters?: string;
  /** Fields of the router filter. */
  readonly router?: string;
  /** Further fields of the virtual host, the route configuration, the connection manager and the listener. */
  readonly virtualHost?: string;
  readonly routeConfig?: string;
  readonly manager?: string;
  readonly listener?: string;
  /** Fields of the connection manager's `tracing`, beside the Zipkin provider; undefined: nothing is traced. */
  readonly tracing?: string;
  readonly direction?: "INBOUND" | "OUTBOUND";
  /** YAML list of clusters, beside the collector's. */
  readonly clusters: string;
}

const toService = "- { match: { prefix: / }, route: { cluster: service } }";

const provider = `  provider:
    name: envoy.tracers.zipkin
    typed_config:
      "@type": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig
      collector_cluster: zipkin
      collector_endpoint: /api/v2/spans
      collector_endpoint_version: HTTP_JSON`;

export function staticResources({
  routes = toService,
  filters = "",
  router = "",
  virtualHost = "",
  routeConfig = "",
  manager = "",
  listener = "",
  tracing,
  direction = "INBOUND",
  clusters,
}: StaticResources): string {
  const traced = tracing === undefined ? "" : `tracing:\n${indent(tracing, 2)}\n${provider}`;
  const collector = tracing === undefined ? "" : cluster("zipkin", ["COLLECTOR_PORT"]);
  return withoutBlankLines(`static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: {{LISTENER_PORT}} } }
    traffic_direction: ${direction}
${indent(listener, 4)}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: ingress_http
          codec_type: AUTO
${indent(manager, 10)}
${indent(traced, 10)}
          route_config:
            name: local_route
${indent(routeConfig, 12)}
            virtual_hosts:
            - name: local_service
              domains: ["*"]
${indent(virtualHost, 14)}
              routes:
${indent(routes, 14)}
          http_filters:
${indent(filters, 10)}
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
              ${router}
  clusters:
${indent(clusters, 2)}
${indent(collector, 2)}
`);
}

/** A static cluster with those endpoints; `fields` are further ones of the cluster. */
export function cluster(name: string, ports: readonly string[], fields = ""): string {
  const endpoints = ports.map(
    (port) =>
      `      - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{${port}}} } } }`,
  );
  return `- name: ${name}
  type: STATIC
  connect_timeout: 1s
${indent(fields, 2)}
  load_assignment:
    cluster_name: ${name}
    endpoints:
    - lb_endpoints:
${endpoints.join("\n")}
`;
}

export const http2Cluster = `typed_extension_protocol_options:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    explicit_http_config: { http2_protocol_options: {} }
`;

export function indent(text: string, by: number): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => " ".repeat(by) + line)
    .join("\n");
}

export function withoutBlankLines(text: string): string {
  return text.replace(/^\s*\n/gm, "");
}
