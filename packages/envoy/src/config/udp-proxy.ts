/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/udp/udp_proxy/v3/udp_proxy.proto */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { extension, type MessageDecoder, message } from "./decode/message.ts";
import { onlyTrue, string } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import { namedExtension } from "./named-extension.ts";

/** One of cluster and matcher is present. */
export interface UdpProxy {
  readonly type: "UdpProxyConfig";
  readonly statPrefix: string;
  readonly cluster?: string;
  readonly matcher?: UdpMatcher;
  /** Of a session; absent: one minute. */
  readonly idleTimeoutMs?: number;
  /** What decides on a session's endpoint. */
  readonly hashPolicies: readonly UdpHashPolicy[];
}

/** Trees of matchers are not supported: what is left is what happens to every datagram. */
export interface UdpMatcher {
  readonly onNoMatch?: { readonly action?: TypedExtension<UdpRoute> };
}

export interface UdpRoute {
  readonly type: "Route";
  readonly cluster: string;
}

export interface UdpHashPolicy {
  readonly sourceIp?: true;
  readonly key?: string;
}

const packageName = "envoy.extensions.filters.udp.udp_proxy.v3";

const route = extension<UdpRoute>(`${packageName}.Route`, "Route", {
  cluster: required(string({ minLen: 1 })),
});

const action: Decoder<TypedExtension<UdpRoute>> = namedExtension<UdpRoute>(
  "xds.core.v3.TypedExtensionConfig",
  {
    category: "action for datagrams",
    packages: [packageName],
    registry: () => ({ [`${packageName}.Route`]: route }),
  },
  {},
);

const trees = "matching datagrams by their addresses";

const matcher: Decoder<UdpMatcher> = message<UdpMatcher>(
  "xds.type.matcher.v3.Matcher",
  {
    onNoMatch: optional(
      message<NonNullable<UdpMatcher["onNoMatch"]>>(
        "xds.type.matcher.v3.Matcher.OnMatch",
        { action: optional(action) },
        { unsupported: { matcher: trees } },
      ),
    ),
  },
  { unsupported: { matcher_list: trees, matcher_tree: trees } },
);

const hashPolicy: Decoder<UdpHashPolicy> = message<UdpHashPolicy>(
  `${packageName}.UdpProxyConfig.HashPolicy`,
  { sourceIp: optional(onlyTrue()), key: optional(string({ minLen: 1 })) },
  { oneofs: [{ name: "policy_specifier", fields: ["source_ip", "key"], required: true }] },
);

export const udpProxy: MessageDecoder<UdpProxy> = extension<UdpProxy>(
  `${packageName}.UdpProxyConfig`,
  "UdpProxyConfig",
  {
    statPrefix: required(string({ minLen: 1 })),
    cluster: optional(string({ minLen: 1 })),
    matcher: optional(matcher),
    idleTimeoutMs: optional(duration()),
    hashPolicies: repeated(hashPolicy, { maxItems: 1 }),
  },
  {
    oneofs: [{ name: "route_specifier", fields: ["cluster", "matcher"], required: true }],
    unsupported: {
      use_original_src_ip: "the client's own address towards endpoints",
      upstream_socket_config: "socket settings for datagrams",
      use_per_packet_load_balancing: "an endpoint for each datagram",
      access_log: "access logs of UDP sessions",
      proxy_access_log: "access logs of UDP sessions",
      access_log_options: "access logs of UDP sessions",
      session_filters: "filters for UDP sessions",
      tunneling_config: "UDP tunnelled over HTTP",
    },
  },
);
