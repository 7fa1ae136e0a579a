/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto */
import type { CircuitBreakers } from "./circuit-breakers.ts";
import type { ClusterLoadAssignment } from "./endpoint.ts";
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from "./http-protocol-options.ts";
import type { Metadata } from "./metadata.ts";
import type { UpstreamProtocolOptions } from "./upstream-protocol-options.ts";

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
  readonly maxRequestsPerConnection?: number;
  readonly typedExtensionProtocolOptions: Readonly<Record<string, UpstreamProtocolOptions>>;
  /** Deprecated ways of choosing the protocol, still accepted by Envoy. */
  readonly commonHttpProtocolOptions?: CommonHttpProtocolOptions;
  readonly httpProtocolOptions?: Http1ProtocolOptions;
  readonly http2ProtocolOptions?: Http2ProtocolOptions;
  readonly protocolSelection?: "USE_CONFIGURED_PROTOCOL" | "USE_DOWNSTREAM_PROTOCOL";
  /** Absent: 5 s. */
  readonly dnsRefreshRateMs?: number;
  readonly respectDnsTtl: boolean;
  readonly dnsLookupFamily?: DnsLookupFamily;
  readonly metadata?: Metadata;
}
