/** What both proxies are started with: listeners that differ in their options, all with one upstream. */
import { cluster, upstreamProtocol } from "../rig/configuration-parts.ts";
import type { ListenerOptions } from "../rig/scripted-configuration.ts";

export type ListenerName =
  | "plain"
  | "headersTimeout"
  | "requestTimeout"
  | "idleTimeout"
  | "routeTimeout"
  | "connectionIdle"
  | "http10"
  | "trailers"
  | "upgrades"
  | "tunnels"
  | "proxied100"
  | "small";

/** Unless a listener says otherwise. */
export const usual: ListenerOptions = {
  manager: { delayed_close_timeout: "0.05s" },
  route: { cluster: "service", timeout: "5s" },
};

export const listeners: Readonly<Record<ListenerName, ListenerOptions>> = {
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

export function clusters(upstream: number): readonly object[] {
  const withTrailers = upstreamProtocol({ http_protocol_options: { enable_trailers: true } });
  return [cluster("service", upstream, withTrailers)];
}
