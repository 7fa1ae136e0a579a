/** What happens to a listener's connections. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchain */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { optional, repeated } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import type { FilterChainMatch } from "./filter-chain-match.ts";
import { filterChainMatch } from "./filter-chain-match.ts";
import type { HttpConnectionManager } from "./http-connection-manager.ts";
import { httpConnectionManager } from "./http-connection-manager.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";
import { namedExtension } from "./named-extension.ts";
import type { TcpProxy } from "./tcp-proxy.ts";
import { tcpProxy } from "./tcp-proxy.ts";
import type { DownstreamTransportSocket } from "./transport-socket.ts";
import { downstreamTransportSocket } from "./transport-socket.ts";

export interface FilterChain {
  readonly name?: string;
  /** Absent: every connection. */
  readonly filterChainMatch?: FilterChainMatch;
  /** The connection manager or the TCP proxy, alone; none closes every connection. */
  readonly filters: readonly NetworkFilter[];
  /** Absent: plain TCP. */
  readonly transportSocket?: DownstreamTransportSocket;
  /** How long a handshake may take; absent or 0: no limit. */
  readonly transportSocketConnectTimeoutMs?: number;
  readonly metadata?: Metadata;
}

export type NetworkFilter = TypedExtension<HttpConnectionManager | TcpProxy>;

const networkFilter: Decoder<NetworkFilter> = namedExtension<HttpConnectionManager | TcpProxy>(
  "envoy.config.listener.v3.Filter",
  {
    category: "network filter",
    packages: ["envoy.extensions.filters.network."],
    registry: () => ({
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager":
        httpConnectionManager,
      "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy": tcpProxy,
    }),
  },
  {},
  { unsupported: { config_discovery: "extension discovery (dynamic configuration)" } },
);

export const filterChain: Decoder<FilterChain> = message<FilterChain>(
  "envoy.config.listener.v3.FilterChain",
  {
    name: optional(string()),
    filterChainMatch: optional(filterChainMatch),
    filters: repeated(networkFilter),
    transportSocket: optional(downstreamTransportSocket),
    transportSocketConnectTimeoutMs: optional(duration()),
    metadata: optional(metadata),
  },
  { unsupported: { use_proxy_proto: "the PROXY protocol" } },
);
