/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto */

import type { CircuitBreakers } from "./circuit-breakers.ts";
import { circuitBreakers } from "./circuit-breakers.ts";
import type { CommonLbConfig } from "./common-lb-config.ts";
import { commonLbConfig } from "./common-lb-config.ts";
import { any } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, map, optional, repeated, required } from "./decode/field.ts";
import { fieldPlace, message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { ClusterLoadAssignment } from "./endpoint.ts";
import { clusterLoadAssignment } from "./endpoint.ts";
import type { HealthCheck } from "./health-check.ts";
import { healthCheck } from "./health-check.ts";
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from "./http-protocol-options.ts";
import {
  commonHttpProtocolOptions,
  http1ProtocolOptions,
  http2ProtocolOptions,
} from "./http-protocol-options.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";
import type { UpstreamTransportSocket } from "./transport-socket.ts";
import { upstreamTransportSocket } from "./transport-socket.ts";
import type { UpstreamHttpProtocolOptions } from "./upstream-http-protocol-options.ts";
import { upstreamHttpProtocolOptions } from "./upstream-http-protocol-options.ts";
import type { UpstreamProtocolOptions } from "./upstream-protocol-options.ts";
import { upstreamProtocolOptions } from "./upstream-protocol-options.ts";

export type DiscoveryType = "STATIC" | "STRICT_DNS" | "LOGICAL_DNS";

export type LbPolicy = "ROUND_ROBIN" | "LEAST_REQUEST" | "RANDOM" | "RING_HASH" | "MAGLEV";

export type DnsLookupFamily = "AUTO" | "V4_ONLY" | "V6_ONLY" | "V4_PREFERRED" | "ALL";

export interface Cluster {
  readonly name: string;
  readonly altStatName?: string;
  /** Absent: STATIC. */
  readonly type?: DiscoveryType;
  /** Absent: 5 s. */
  readonly connectTimeoutMs?: number;
  readonly perConnectionBufferLimitBytes?: number;
  /** Absent: ROUND_ROBIN. */
  readonly lbPolicy?: LbPolicy;
  readonly loadAssignment?: ClusterLoadAssignment;
  readonly circuitBreakers?: CircuitBreakers;
  /** At most one. */
  readonly healthChecks: readonly HealthCheck[];
  readonly commonLbConfig?: CommonLbConfig;
  readonly closeConnectionsOnHostHealthFailure: boolean;
  readonly maxRequestsPerConnection?: number;
  readonly typedExtensionProtocolOptions: Readonly<Record<string, UpstreamProtocolOptions>>;
  /** Deprecated ways of choosing the protocol, still accepted by Envoy. */
  readonly commonHttpProtocolOptions?: CommonHttpProtocolOptions;
  readonly httpProtocolOptions?: Http1ProtocolOptions;
  readonly http2ProtocolOptions?: Http2ProtocolOptions;
  readonly protocolSelection?: "USE_CONFIGURED_PROTOCOL" | "USE_DOWNSTREAM_PROTOCOL";
  /** Absent: 5 s. */
  readonly dnsRefreshRateMs?: number;
  readonly dnsLookupFamily?: DnsLookupFamily;
  readonly metadata?: Metadata;
  /** Absent: plain TCP. */
  readonly transportSocket?: UpstreamTransportSocket;
  /** Deprecated place of the options by the same name. */
  readonly upstreamHttpProtocolOptions?: UpstreamHttpProtocolOptions;
}

const name = "envoy.config.cluster.v3.Cluster";

const discoveryType = enumeration<DiscoveryType>(
  `${name}.DiscoveryType`,
  { STATIC: 0, STRICT_DNS: 1, LOGICAL_DNS: 2 },
  {
    unsupported: {
      EDS: { number: 3, feature: "endpoint discovery, dynamic configuration" },
      ORIGINAL_DST: { number: 4, feature: "original destination clusters" },
    },
  },
);

const lbPolicy = enumeration<LbPolicy>(
  `${name}.LbPolicy`,
  { ROUND_ROBIN: 0, LEAST_REQUEST: 1, RING_HASH: 2, RANDOM: 3, MAGLEV: 5 },
  {
    unsupported: {
      CLUSTER_PROVIDED: { number: 6, feature: "load balancing by the cluster type" },
      LOAD_BALANCING_POLICY_CONFIG: { number: 7, feature: "load balancing policy extensions" },
    },
  },
);

const anyProtocolOptions = any(() => upstreamProtocolOptions, {
  category: "protocol options",
  packages: ["envoy.extensions.upstreams.", "envoy.extensions.filters."],
});

const protocolOptions: Decoder<UpstreamProtocolOptions> = {
  ...anyProtocolOptions,
  decode: (node, at) => anyProtocolOptions.decode(node, at)?.config,
};

export const cluster: Decoder<Cluster> = message<Cluster>(
  name,
  {
    name: required(string({ minLen: 1 })),
    altStatName: optional(string()),
    type: optional(discoveryType),
    connectTimeoutMs: optional(duration({ gt: 0 })),
    perConnectionBufferLimitBytes: optional(uint32()),
    lbPolicy: optional(lbPolicy),
    loadAssignment: optional(clusterLoadAssignment),
    circuitBreakers: optional(circuitBreakers),
    healthChecks: repeated(healthCheck),
    commonLbConfig: optional(commonLbConfig),
    closeConnectionsOnHostHealthFailure: flag(),
    maxRequestsPerConnection: optional(uint32()),
    typedExtensionProtocolOptions: map(protocolOptions),
    commonHttpProtocolOptions: optional(commonHttpProtocolOptions),
    httpProtocolOptions: optional(http1ProtocolOptions),
    http2ProtocolOptions: optional(http2ProtocolOptions),
    protocolSelection: optional(
      enumeration<"USE_CONFIGURED_PROTOCOL" | "USE_DOWNSTREAM_PROTOCOL">(
        `${name}.ClusterProtocolSelection`,
        { USE_CONFIGURED_PROTOCOL: 0, USE_DOWNSTREAM_PROTOCOL: 1 },
      ),
    ),
    dnsRefreshRateMs: optional(duration({ gt: 0.001 })),
    dnsLookupFamily: optional(
      enumeration<DnsLookupFamily>(`${name}.DnsLookupFamily`, {
        AUTO: 0,
        V4_ONLY: 1,
        V6_ONLY: 2,
        V4_PREFERRED: 3,
        ALL: 4,
      }),
    ),
    metadata: optional(metadata),
    transportSocket: optional(upstreamTransportSocket),
    upstreamHttpProtocolOptions: optional(upstreamHttpProtocolOptions),
  },
  {
    accepted: {
      respect_dns_ttl: "the resolver does not tell: names are looked up again at the refresh rate",
      dns_failure_refresh_rate: "failed lookups are repeated at the refresh rate",
      wait_for_warm_on_init: "start-up waits for the first lookup in any case",
      cleanup_interval: "concerns original destination clusters only",
      upstream_connection_options: "sockets have keep-alive in any case",
    },
    unsupported: {
      transport_socket_matches: "transport sockets by endpoint",
      cluster_type: "custom cluster types",
      eds_cluster_config: "endpoint discovery (dynamic configuration)",
      outlier_detection: "outlier detection",
      dns_resolvers: "DNS resolvers of one's own",
      dns_resolution_config: "DNS resolvers of one's own",
      typed_dns_resolver_config: "DNS resolvers of one's own",
      dns_jitter: "DNS jitter",
      upstream_bind_config: "source addresses of upstream connections",
      lb_subset_config: "load balancing subsets",
      ring_hash_lb_config: "ring hash settings",
      maglev_lb_config: "maglev settings",
      original_dst_lb_config: "original destination clusters",
      least_request_lb_config: "least request settings",
      round_robin_lb_config: "slow start",
      load_balancing_policy: "load balancing policy extensions",
      lrs_server: "load reporting",
      lrs_report_endpoint_metrics: "load reporting",
      track_timeout_budgets: "timeout budget statistics",
      track_cluster_stats: "extra cluster statistics",
      upstream_config: "upstream extensions",
      filters: "upstream network filters",
      preconnect_policy: "preconnecting",
      ignore_health_on_host_removal: "endpoint discovery (dynamic configuration)",
      connection_pool_per_downstream_connection: "a pool for each downstream connection",
    },
    check({ healthChecks }, at, node) {
      if (healthChecks.length < 2) return;
      const message = `known to Envoy but not supported here: several health checks of one cluster (received ${healthChecks.length})`;
      at.field("health_checks").unsupported(fieldPlace(node, "health_checks"), message);
    },
  },
);
