/** What both proxies are started with: listeners that differ in their options, all with one upstream. */
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
      clusters: [
        cluster(
          "service",
          upstream,
          upstreamProtocol({ http_protocol_options: { enable_trailers: true } }),
        ),
      ],
    },
  };
}

function listener(name: ListenerName, port: number): object {
  const { manager, listener: own, route, match } = options[name];
  const settings = {
    stat_prefix: name,
    generate_request_id: false,
    delayed_close_timeout: "0.05s",
    access_log: [barrierLogger],
    route_config: routesOfAll([
      barrierRoute,
      { match: match ?? { prefix: "/" }, route: { cluster: "service", timeout: "5s", ...route } },
    ]),
    http_filters: [router()],
    ...manager,
  };
  return httpListener(name, port, settings, own);
}
