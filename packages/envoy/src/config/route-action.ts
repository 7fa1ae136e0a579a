/** Forwarding to a cluster. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction */
import type { HashPolicy } from "./hash-policy.ts";
import type { Metadata } from "./metadata.ts";
import type { RuntimeFractionalPercent } from "./percent.ts";
import type { RegexMatchAndSubstitute } from "./regex.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { WeightedCluster } from "./weighted-cluster.ts";

export type ClusterNotFoundResponseCode =
  | "SERVICE_UNAVAILABLE"
  | "NOT_FOUND"
  | "INTERNAL_SERVER_ERROR";

/** Exactly one of cluster, clusterHeader and weightedClusters; at most one host rewrite. */
export interface RouteAction {
  readonly cluster?: string;
  readonly clusterHeader?: string;
  readonly weightedClusters?: WeightedCluster;
  readonly clusterNotFoundResponseCode?: ClusterNotFoundResponseCode;
  readonly metadataMatch?: Metadata;
  readonly prefixRewrite?: string;
  readonly regexRewrite?: RegexMatchAndSubstitute;
  readonly hostRewriteLiteral?: string;
  readonly autoHostRewrite?: boolean;
  readonly hostRewriteHeader?: string;
  readonly hostRewritePathRegex?: RegexMatchAndSubstitute;
  readonly appendXForwardedHost: boolean;
  /** Absent: 15 s; 0: none. */
  readonly timeoutMs?: number;
  /** Absent: the connection manager's stream_idle_timeout; 0: none. */
  readonly idleTimeoutMs?: number;
  readonly retryPolicy?: RetryPolicy;
  readonly requestMirrorPolicies: readonly RequestMirrorPolicy[];
  readonly priority?: "DEFAULT" | "HIGH";
  readonly hashPolicy: readonly HashPolicy[];
  readonly upgradeConfigs: readonly RouteUpgradeConfig[];
  readonly maxStreamDuration?: MaxStreamDuration;
  /** Deprecated ancestors of maxStreamDuration.grpcTimeout*. */
  readonly maxGrpcTimeoutMs?: number;
  readonly grpcTimeoutOffsetMs?: number;
}

export interface RequestMirrorPolicy {
  readonly cluster: string;
  readonly runtimeFraction?: RuntimeFractionalPercent;
  readonly traceSampled?: boolean;
}

export interface RouteUpgradeConfig {
  /** Such as `websocket`. */
  readonly upgradeType: string;
  /** Absent: true. */
  readonly enabled?: boolean;
}

/** 0 switches off; absent leaves the connection manager's. */
export interface MaxStreamDuration {
  readonly maxStreamDurationMs?: number;
  readonly grpcTimeoutHeaderMaxMs?: number;
  readonly grpcTimeoutHeaderOffsetMs?: number;
}
