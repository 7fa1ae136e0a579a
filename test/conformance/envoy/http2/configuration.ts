/** What both proxies are started with: listeners that differ in their options, and one upstream reached in several ways. */
import { barrierLogger, barrierRoute } from "../rig/barrier-log.ts";
import {
  address,
  cluster,
  httpListener,
  router,
  routesOfAll,
  upstreamProtocol,
} from "../rig/configuration-parts.ts";

export const listenerNames = [
  "plain",
  "limited",
  "limitedUpstream",
  "retrying",
  "smallBuffer",
] as const;
export type ListenerName = (typeof listenerNames)[number];

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
      clusters: [
        http2Cluster("service", upstream, {}),
        http2Cluster("limited", upstream, http2Limits),
      ],
    },
  };
}

function listenerOf(name: ListenerName, port: number): object {
  const { manager, listener, route, cluster: to } = listeners[name];
  const settings = {
    stat_prefix: name,
    // Else a broken connection stays open for a second.
    delayed_close_timeout: "0s",
    generate_request_id: false,
    access_log: [barrierLogger],
    route_config: routesOfAll([
      barrierRoute,
      { match: { prefix: "/" }, route: { cluster: to, timeout: "2s", ...route } },
    ]),
    http_filters: [router()],
    ...manager,
  };
  return httpListener(name, port, settings, listener);
}

function http2Cluster(name: string, port: number, options: object): object {
  return cluster(name, port, upstreamProtocol({ http2_protocol_options: options }));
}
