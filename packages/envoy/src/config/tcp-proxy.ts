/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto */
import type { AccessLog } from "./access-log.ts";
import { accessLog } from "./access-log.ts";
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { extension, type MessageDecoder, message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { TcpHashPolicy } from "./tcp-proxy-hash-policy.ts";
import { tcpHashPolicy } from "./tcp-proxy-hash-policy.ts";

/** One of cluster and weightedClusters is present. */
export interface TcpProxy {
  readonly type: "TcpProxy";
  readonly statPrefix: string;
  readonly cluster?: string;
  readonly weightedClusters?: { readonly clusters: readonly TcpClusterWeight[] };
  /** Without bytes either way; absent: one hour, 0: never. */
  readonly idleTimeoutMs?: number;
  readonly accessLog: readonly AccessLog[];
  /** Absent: 1. */
  readonly maxConnectAttempts?: number;
  readonly maxDownstreamConnectionDurationMs?: number;
  readonly hashPolicy: readonly TcpHashPolicy[];
}

export interface TcpClusterWeight {
  readonly name: string;
  readonly weight: number;
}

const name = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";

const clusterWeight: Decoder<TcpClusterWeight> = message<TcpClusterWeight>(
  `${name}.WeightedCluster.ClusterWeight`,
  { name: required(string({ minLen: 1 })), weight: required(uint32({ gte: 1 })) },
  { accepted: { metadata_match: "matches load balancing subsets, which are not supported" } },
);

const weightedClusters = message<NonNullable<TcpProxy["weightedClusters"]>>(
  `${name}.WeightedCluster`,
  { clusters: repeated(clusterWeight, { minItems: 1 }) },
);

export const tcpProxy: MessageDecoder<TcpProxy> = extension<TcpProxy>(
  name,
  "TcpProxy",
  {
    statPrefix: required(string({ minLen: 1 })),
    cluster: optional(string()),
    weightedClusters: optional(weightedClusters),
    idleTimeoutMs: optional(duration()),
    accessLog: repeated(accessLog),
    maxConnectAttempts: optional(uint32({ gte: 1 })),
    maxDownstreamConnectionDurationMs: optional(duration({ gte: 0.001 })),
    hashPolicy: repeated(tcpHashPolicy, { maxItems: 1 }),
  },
  {
    oneofs: [
      { name: "cluster_specifier", fields: ["cluster", "weighted_clusters"], required: true },
    ],
    accepted: {
      metadata_match: "matches load balancing subsets, which are not supported",
    },
    unsupported: {
      max_downstream_connection_duration_jitter_percentage: "random connection durations",
      on_demand: "clusters on demand (dynamic configuration)",
      downstream_idle_timeout: "idle timeouts of one direction",
      upstream_idle_timeout: "idle timeouts of one direction",
      backoff_options: "waiting between connect attempts",
      tunneling_config: "TCP tunnelled over HTTP",
      access_log_flush_interval: "access log flush intervals",
      flush_access_log_on_connected: "access log entries for new connections",
      access_log_options: "access log options",
      proxy_protocol_tlvs: "the PROXY protocol",
      proxy_protocol_tlv_merge_policy: "the PROXY protocol",
      upstream_connect_mode: "connecting when data has come",
      max_early_data_bytes: "connecting when data has come",
      check_drain_close: "closing while draining",
    },
  },
);
