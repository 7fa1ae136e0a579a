/** A proxy's configuration out of the parts that a case is about, as YAML with the ports left open. */
export interface Configuration {
  /** The virtual host's routes, as a YAML list. */
  readonly routes: string;
  /** Further fields of the virtual host and of the route configuration. */
  readonly virtualHost?: string;
  readonly routeConfig?: string;
  /** Further fields of the connection manager, and of its `tracing`. */
  readonly manager?: string;
  readonly tracing?: string;
  readonly direction?: "INBOUND" | "OUTBOUND";
  /** YAML list of clusters, beside the collector's. */
  readonly clusters: string;
  /** Further top-level fields. */
  readonly top?: string;
}

export function configuration({
  routes,
  virtualHost = "",
  routeConfig = "",
  manager = "",
  tracing = "",
  direction = "INBOUND",
  clusters,
  top = "",
}: Configuration): string {
  return `node: { id: test-node, cluster: test-cluster, locality: { region: r1, zone: z1 } }
admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{ADMIN_PORT}} } } }
layered_runtime:
  layers:
  - name: static
    static_layer: { tracing.zipkin.min_flush_spans: 1 }
${top.trim()}
static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: {{LISTENER_PORT}} } }
    traffic_direction: ${direction}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: ingress_http
          codec_type: AUTO
${indent(manager, 10)}
          tracing:
${indent(tracing, 12)}
            provider:
              name: envoy.tracers.zipkin
              typed_config:
                "@type": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig
                collector_cluster: zipkin
                collector_endpoint: /api/v2/spans
                collector_endpoint_version: HTTP_JSON
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
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
${indent(clusters, 2)}
${indent(cluster("zipkin", ["COLLECTOR_PORT"]), 2)}
`.replace(/^\s*\n/gm, "");
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

function indent(text: string, by: number): string {
  return text
    .trim()
    .split("\n")
    .map((line) => " ".repeat(by) + line)
    .join("\n");
}
