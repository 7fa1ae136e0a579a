/** What both proxies are started with: listeners that differ in their options, all with one upstream. */

const types = "type.googleapis.com/envoy";

export const listenerNames = [
  "plain",
  "headersTimeout",
  "requestTimeout",
  "idleTimeout",
  "routeTimeout",
  "connectionIdle",
  "http10",
  "trailers",
  "upgrades",
  "tunnels",
  "proxied100",
  "small",
] as const;
export type ListenerName = (typeof listenerNames)[number];

interface Options {
  readonly manager?: object;
  readonly listener?: object;
  readonly route?: object;
  readonly match?: object;
}

const options: Readonly<Record<ListenerName, Options>> = {
  plain: {},
  headersTimeout: { manager: { request_headers_timeout: "0.4s" } },
  requestTimeout: { manager: { request_timeout: "0.4s" } },
  idleTimeout: { manager: { stream_idle_timeout: "0.4s" } },
  routeTimeout: { route: { timeout: "0.4s" } },
  connectionIdle: {
    manager: { common_http_protocol_options: { idle_timeout: "0.4s" }, drain_timeout: "0.2s" },
  },
  http10: { manager: { http_protocol_options: { accept_http_10: true } } },
  trailers: { manager: { http_protocol_options: { enable_trailers: true } } },
  upgrades: { manager: { upgrade_configs: [{ upgrade_type: "websocket" }] } },
  tunnels: {
    manager: { upgrade_configs: [{ upgrade_type: "CONNECT" }] },
    match: { connect_matcher: {} },
  },
  proxied100: { manager: { proxy_100_continue: true } },
  small: { listener: { per_connection_buffer_limit_bytes: 16_384 } },
};

export function configuration(
  ports: Readonly<Record<ListenerName, number>>,
  admin: number,
  upstream: number,
): object {
  return {
    node: { id: "test", cluster: "test" },
    admin: { address: address(admin) },
    static_resources: {
      listeners: listenerNames.map((name) => listener(name, ports[name])),
      clusters: [cluster(upstream)],
    },
  };
}

const address = (port_value: number) => ({ socket_address: { address: "127.0.0.1", port_value } });

function listener(name: ListenerName, port: number): object {
  const { manager, listener: own, route, match } = options[name];
  const managerConfig = {
    "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    generate_request_id: false,
    delayed_close_timeout: "0.05s",
    access_log: [
      {
        name: "envoy.access_loggers.stdout",
        typed_config: {
          "@type": `${types}.extensions.access_loggers.stream.v3.StdoutAccessLog`,
          log_format: {
            text_format_source: {
              inline_string:
                "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %BYTES_RECEIVED% %BYTES_SENT%\n",
            },
          },
        },
      },
    ],
    route_config: {
      name: "all",
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [
            { match: { prefix: "/barrier/" }, direct_response: { status: 200 } },
            {
              match: match ?? { prefix: "/" },
              route: { cluster: "service", timeout: "5s", ...route },
            },
          ],
        },
      ],
    },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${types}.extensions.filters.http.router.v3.Router` },
      },
    ],
    ...manager,
  };
  return {
    name,
    address: address(port),
    ...own,
    filter_chains: [
      {
        filters: [
          { name: "envoy.filters.network.http_connection_manager", typed_config: managerConfig },
        ],
      },
    ],
  };
}

function cluster(port: number): object {
  return {
    name: "service",
    type: "STATIC",
    connect_timeout: "1s",
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${types}.extensions.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http_protocol_options: { enable_trailers: true } },
      },
    },
    load_assignment: {
      cluster_name: "service",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
    },
  };
}
