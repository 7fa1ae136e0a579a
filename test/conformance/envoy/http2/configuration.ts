/** What both proxies are started with: listeners that differ in their options, and one upstream reached in several ways. */

const types = "type.googleapis.com/envoy";

export const listenerNames = [
  "plain",
  "limited",
  "limitedUpstream",
  "retrying",
  "smallBuffer",
] as const;
export type ListenerName = (typeof listenerNames)[number];

const address = (port_value: number) => ({ socket_address: { address: "127.0.0.1", port_value } });

const http2Limits = {
  max_concurrent_streams: 2,
  initial_stream_window_size: 65_535,
  initial_connection_window_size: 100_000,
};

/** Options of the connection manager and of its one route, and the cluster it goes to. */
const listeners: Readonly<
  Record<ListenerName, { manager?: object; listener?: object; route?: object; cluster: string }>
> = {
  plain: { cluster: "service" },
  limited: { manager: { http2_protocol_options: http2Limits }, cluster: "service" },
  limitedUpstream: { cluster: "limited" },
  retrying: {
    route: { retry_policy: { retry_on: "reset,refused-stream", num_retries: 1 } },
    cluster: "service",
  },
  smallBuffer: {
    listener: { per_connection_buffer_limit_bytes: 32_768 },
    manager: { stream_idle_timeout: "1s" },
    cluster: "service",
  },
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
      listeners: listenerNames.map((name) => listenerOf(name, ports[name])),
      clusters: [cluster("service", upstream, {}), cluster("limited", upstream, http2Limits)],
    },
  };
}

function listenerOf(name: ListenerName, port: number): object {
  const { manager, listener, route, cluster } = listeners[name];
  return {
    name,
    address: address(port),
    ...listener,
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
              stat_prefix: name,
              // Else a broken connection stays open for a second.
              delayed_close_timeout: "0s",
              generate_request_id: false,
              access_log: [accessLog],
              route_config: {
                name: "all",
                virtual_hosts: [
                  {
                    name: "all",
                    domains: ["*"],
                    routes: [
                      { match: { prefix: "/barrier/" }, direct_response: { status: 200 } },
                      { match: { prefix: "/" }, route: { cluster, timeout: "2s", ...route } },
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
            },
          },
        ],
      },
    ],
  };
}

const accessLog = {
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
};

function cluster(name: string, port: number, options: object): object {
  return {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${types}.extensions.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http2_protocol_options: options },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
    },
  };
}
