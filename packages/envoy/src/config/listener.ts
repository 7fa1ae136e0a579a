/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto */

import type { AccessLog } from "./access-log.ts";
import { accessLog } from "./access-log.ts";
import type { Address } from "./address.ts";
import { address } from "./address.ts";
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { FilterChain } from "./filter-chain.ts";
import { filterChain } from "./filter-chain.ts";
import type { ListenerFilter } from "./listener-filter.ts";
import { listenerFilter } from "./listener-filter.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";

export type TrafficDirection = "UNSPECIFIED" | "INBOUND" | "OUTBOUND";

export interface Listener {
  readonly name?: string;
  readonly address: Address;
  readonly statPrefix?: string;
  readonly filterChains: readonly FilterChain[];
  /** For connections that match none of the others. */
  readonly defaultFilterChain?: FilterChain;
  readonly listenerFilters: readonly ListenerFilter[];
  /** Absent: 15 s; 0: no limit. */
  readonly listenerFiltersTimeoutMs?: number;
  /** After that time a connection goes on as it is, instead of being closed. */
  readonly continueOnListenerFiltersTimeout: boolean;
  /** Absent: 1 MiB. */
  readonly perConnectionBufferLimitBytes?: number;
  readonly metadata?: Metadata;
  readonly trafficDirection?: TrafficDirection;
  readonly accessLog: readonly AccessLog[];
}

const sockets = "one process accepts all connections";

export const listener: Decoder<Listener> = message<Listener>(
  "envoy.config.listener.v3.Listener",
  {
    name: optional(string()),
    address: required(address),
    statPrefix: optional(string()),
    filterChains: repeated(filterChain),
    defaultFilterChain: optional(filterChain),
    listenerFilters: repeated(listenerFilter),
    listenerFiltersTimeoutMs: optional(duration()),
    continueOnListenerFiltersTimeout: flag(),
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
    },
    unsupported: {
      additional_addresses: "additional addresses of a listener",
      filter_chain_matcher: "filter chain matching trees",
      use_original_dst: "redirected connections (original destination)",
      transparent: "transparent sockets",
      freebind: "free binding",
      bind_to_port: "listeners without a port",
      socket_options: "socket options",
      tcp_fast_open_queue_length: "TCP fast open",
      tcp_backlog_size: "the backlog's size",
      tcp_keepalive: "TCP keep-alive settings",
      udp_listener_config: "QUIC and settings of UDP listeners",
      api_listener: "API listeners",
      internal_listener: "internal listeners",
      enable_mptcp: "multipath TCP",
      ignore_global_conn_limit: "overload management",
      bypass_overload_manager: "overload management",
      fcds_config: "filter chain discovery (dynamic configuration)",
    },
  },
);
