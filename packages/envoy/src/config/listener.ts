/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto */

import type { AccessLog } from "./access-log.ts";
import { accessLog } from "./access-log.ts";
import type { Address } from "./address.ts";
import { address } from "./address.ts";
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import type { HttpConnectionManager } from "./http-connection-manager.ts";
import { httpConnectionManager } from "./http-connection-manager.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";
import { namedExtension } from "./named-extension.ts";

export type TrafficDirection = "UNSPECIFIED" | "INBOUND" | "OUTBOUND";

export interface Listener {
  readonly name?: string;
  readonly address: Address;
  readonly statPrefix?: string;
  /** Exactly one. */
  readonly filterChains: readonly FilterChain[];
  /** Absent: 1 MiB. */
  readonly perConnectionBufferLimitBytes?: number;
  readonly metadata?: Metadata;
  readonly trafficDirection?: TrafficDirection;
  readonly accessLog: readonly AccessLog[];
}

export interface FilterChain {
  readonly name?: string;
  /** The connection manager, last and alone. */
  readonly filters: readonly NetworkFilter[];
}

export type NetworkFilter = TypedExtension<HttpConnectionManager>;

const networkFilter: Decoder<NetworkFilter> = namedExtension<HttpConnectionManager>(
  "envoy.config.listener.v3.Filter",
  {
    category: "network filter",
    packages: ["envoy.extensions.filters.network."],
    registry: () => ({
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager":
        httpConnectionManager,
    }),
  },
  {},
  { unsupported: { config_discovery: "extension discovery (dynamic configuration)" } },
);

const filterChain: Decoder<FilterChain> = message<FilterChain>(
  "envoy.config.listener.v3.FilterChain",
  { name: optional(string()), filters: repeated(networkFilter) },
  {
    accepted: {
      transport_socket_connect_timeout: "concerns handshakes, which plain TCP has none of",
    },
    unsupported: {
      filter_chain_match: "filter chain matching",
      use_proxy_proto: "the PROXY protocol",
      transport_socket: "TLS contexts",
      metadata: "filter chain metadata",
    },
  },
);

const sockets = "one process accepts all connections";

export const listener: Decoder<Listener> = message<Listener>(
  "envoy.config.listener.v3.Listener",
  {
    name: optional(string()),
    address: required(address),
    statPrefix: optional(string()),
    filterChains: repeated(filterChain),
    perConnectionBufferLimitBytes: optional(uint32()),
    metadata: optional(metadata),
    trafficDirection: optional(
      enumeration<TrafficDirection>("envoy.config.core.v3.TrafficDirection", {
        UNSPECIFIED: 0,
        INBOUND: 1,
        OUTBOUND: 2,
      }),
    ),
    accessLog: repeated(accessLog),
  },
  {
    accepted: {
      enable_reuse_port: sockets,
      reuse_port: sockets,
      connection_balance_config: sockets,
      max_connections_to_accept_per_socket_event: sockets,
      drain_type: "the listeners of a file never change while it runs",
      listener_filters_timeout: "there are no listener filters to wait for",
      continue_on_listener_filters_timeout: "there are no listener filters to wait for",
    },
    unsupported: {
      additional_addresses: "additional addresses of a listener",
      default_filter_chain: "filter chain matching",
      filter_chain_matcher: "filter chain matching",
      listener_filters: "listener filters",
      use_original_dst: "redirected connections (original destination)",
      transparent: "transparent sockets",
      freebind: "free binding",
      bind_to_port: "listeners without a port",
      socket_options: "socket options",
      tcp_fast_open_queue_length: "TCP fast open",
      tcp_backlog_size: "the backlog's size",
      tcp_keepalive: "TCP keep-alive settings",
      udp_listener_config: "UDP listeners",
      api_listener: "API listeners",
      internal_listener: "internal listeners",
      enable_mptcp: "multipath TCP",
      ignore_global_conn_limit: "overload management",
      bypass_overload_manager: "overload management",
      fcds_config: "filter chain discovery (dynamic configuration)",
    },
  },
);
