/** Filters that look at a connection before its filter chain is chosen. https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/listener_filters */
import type { Decoder } from "./decode/decoder.ts";
import { optional } from "./decode/field.ts";
import { extension } from "./decode/message.ts";
import { bool, uint32 } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import { namedExtension } from "./named-extension.ts";
import type { UdpProxy } from "./udp-proxy.ts";
import { udpProxy } from "./udp-proxy.ts";

/** Reads SNI and ALPN out of the ClientHello. */
export interface TlsInspector {
  readonly type: "TlsInspector";
  /** Bytes; without effect, as what has come is looked at however much it is. */
  readonly initialReadBufferSize?: number;
  /** Bytes; absent: 16 KiB, the most there can be. */
  readonly maxClientHelloSize?: number;
  /** Absent: what is no ClientHello is left to the filter chain. */
  readonly closeConnectionOnClientHelloParsingErrors?: boolean;
}

/** Tells HTTP/1 and HTTP/2 by the first bytes. */
export interface HttpInspector {
  readonly type: "HttpInspector";
}

/** What looks at TCP connections. */
export type TcpListenerFilterConfig = TlsInspector | HttpInspector;
/** UDP listeners have a filter of their own kind. */
export type ListenerFilterConfig = TcpListenerFilterConfig | UdpProxy;
export type ListenerFilter = TypedExtension<ListenerFilterConfig>;

const packages = "envoy.extensions.filters.listener.";

const tlsInspector = extension<TlsInspector>(
  `${packages}tls_inspector.v3.TlsInspector`,
  "TlsInspector",
  {
    initialReadBufferSize: optional(uint32({ gt: 255, lt: 65537 })),
    maxClientHelloSize: optional(uint32({ gt: 255, lte: 16384 })),
    closeConnectionOnClientHelloParsingErrors: optional(bool()),
  },
  {
    unsupported: {
      enable_ja3_fingerprinting: "JA3 fingerprints",
      enable_ja4_fingerprinting: "JA4 fingerprints",
    },
  },
);

const httpInspector = extension<HttpInspector>(
  `${packages}http_inspector.v3.HttpInspector`,
  "HttpInspector",
  {},
);

export const listenerFilter: Decoder<ListenerFilter> = namedExtension<ListenerFilterConfig>(
  "envoy.config.listener.v3.ListenerFilter",
  {
    category: "listener filter",
    packages: [packages, "envoy.extensions.filters.udp."],
    registry: () => ({
      [`${packages}tls_inspector.v3.TlsInspector`]: tlsInspector,
      [`${packages}http_inspector.v3.HttpInspector`]: httpInspector,
      "envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig": udpProxy,
    }),
  },
  {},
  {
    unsupported: {
      filter_disabled: "listener filters for some connections only",
      config_discovery: "extension discovery (dynamic configuration)",
    },
  },
);
