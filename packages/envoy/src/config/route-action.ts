/** Forwarding to a cluster. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, string } from "./decode/scalars.ts";
import type { HashPolicy } from "./hash-policy.ts";
import { hashPolicy } from "./hash-policy.ts";
import type { HeaderMutation } from "./header-mutation.ts";
import { headerMutation } from "./header-mutation.ts";
import type { RuntimeFractionalPercent } from "./percent.ts";
import { runtimeFractionalPercent } from "./percent.ts";
import type { RegexMatchAndSubstitute } from "./regex.ts";
import { regexMatchAndSubstitute } from "./regex.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { retryPolicy } from "./retry-policy.ts";
import type { WeightedCluster } from "./weighted-cluster.ts";
import { weightedCluster } from "./weighted-cluster.ts";

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

/** One of cluster and clusterHeader. */
export interface RequestMirrorPolicy {
  readonly cluster?: string;
  readonly clusterHeader?: string;
  /** Absent: every request. */
  readonly runtimeFraction?: RuntimeFractionalPercent;
  /** Absent: the copy is traced where the request is. */
  readonly traceSampled?: boolean;
  readonly disableShadowHostSuffixAppend: boolean;
  /** Changes of the copy's headers, in order. */
  readonly requestHeadersMutations: readonly HeaderMutation[];
  /** Host of the copy, instead of the request's with a suffix. */
  readonly hostRewriteLiteral?: string;
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

interface HasMirrorPolicies {
  readonly requestMirrorPolicies: readonly RequestMirrorPolicy[];
}

/** A route's own policies replace its virtual host's, and those the route configuration's. */
export function mirrorPoliciesOf(
  action: HasMirrorPolicies,
  virtualHost: HasMirrorPolicies,
  table: HasMirrorPolicies,
): readonly RequestMirrorPolicy[] {
  if (action.requestMirrorPolicies.length > 0) return action.requestMirrorPolicies;
  if (virtualHost.requestMirrorPolicies.length > 0) return virtualHost.requestMirrorPolicies;
  return table.requestMirrorPolicies;
}

const name = "envoy.config.route.v3.RouteAction";

export const requestMirrorPolicy: Decoder<RequestMirrorPolicy> = message<RequestMirrorPolicy>(
  `${name}.RequestMirrorPolicy`,
  {
    cluster: optional(string()),
    clusterHeader: optional(string({ header: "name" })),
    runtimeFraction: optional(runtimeFractionalPercent),
    traceSampled: optional(bool()),
    disableShadowHostSuffixAppend: flag(),
    requestHeadersMutations: repeated(headerMutation),
    hostRewriteLiteral: optional(string({ header: "value" })),
  },
  {
    check({ cluster = "", clusterHeader = "" }, at, node) {
      const rule = (message: string): void => at.add("listeners", node.at, message, message);
      if (cluster === "" && clusterHeader === "") {
        rule(
          "Exactly one of cluster or cluster_header in request mirror policy need to be specified",
        );
      } else if (cluster !== "" && clusterHeader !== "") {
        rule(
          `Only one of cluster '${cluster}' or cluster_header '${clusterHeader}' in request mirror policy can be specified`,
        );
      }
    },
  },
);

const upgradeConfig: Decoder<RouteUpgradeConfig> = message<RouteUpgradeConfig>(
  `${name}.UpgradeConfig`,
  {
    upgradeType: required(string({ minLen: 1, header: "value" })),
    enabled: optional(bool()),
  },
  { unsupported: { connect_config: "terminating CONNECT" } },
);

const maxStreamDuration: Decoder<MaxStreamDuration> = message<MaxStreamDuration>(
  `${name}.MaxStreamDuration`,
  {
    maxStreamDurationMs: optional(duration()),
    grpcTimeoutHeaderMaxMs: optional(duration()),
    grpcTimeoutHeaderOffsetMs: optional(duration()),
  },
);

const notFoundCode = enumeration<ClusterNotFoundResponseCode>(
  `${name}.ClusterNotFoundResponseCode`,
  { SERVICE_UNAVAILABLE: 0, NOT_FOUND: 1, INTERNAL_SERVER_ERROR: 2 },
);

const hostRewrites = [
  "host_rewrite_literal",
  "auto_host_rewrite",
  "host_rewrite_header",
  "host_rewrite_path_regex",
];

export const routeAction: Decoder<RouteAction> = message<RouteAction>(
  name,
  {
    cluster: optional(string({ minLen: 1 })),
    clusterHeader: optional(string({ minLen: 1, header: "name" })),
    weightedClusters: optional(weightedCluster),
    clusterNotFoundResponseCode: optional(notFoundCode),
    prefixRewrite: optional(string({ header: "value" })),
    regexRewrite: optional(regexMatchAndSubstitute),
    hostRewriteLiteral: optional(string({ header: "value" })),
    autoHostRewrite: optional(bool()),
    hostRewriteHeader: optional(string({ header: "name" })),
    hostRewritePathRegex: optional(regexMatchAndSubstitute),
    appendXForwardedHost: flag(),
    timeoutMs: optional(duration()),
    idleTimeoutMs: optional(duration()),
    retryPolicy: optional(retryPolicy),
    requestMirrorPolicies: repeated(requestMirrorPolicy),
    priority: optional(
      enumeration<"DEFAULT" | "HIGH">("envoy.config.core.v3.RoutingPriority", {
        DEFAULT: 0,
        HIGH: 1,
      }),
    ),
    hashPolicy: repeated(hashPolicy),
    upgradeConfigs: repeated(upgradeConfig),
    maxStreamDuration: optional(maxStreamDuration),
    maxGrpcTimeoutMs: optional(duration()),
    grpcTimeoutOffsetMs: optional(duration()),
  },
  {
    oneofs: [
      {
        name: "cluster_specifier",
        fields: ["cluster", "cluster_header", "weighted_clusters"],
        required: true,
      },
      { name: "host_rewrite_specifier", fields: hostRewrites },
    ],
    accepted: { metadata_match: "matches load balancing subsets, which are not supported" },
    unsupported: {
      cluster_specifier_plugin: "cluster specifier plugins",
      inline_cluster_specifier_plugin: "cluster specifier plugins",
      path_rewrite_policy: "path rewrite policies",
      early_data_policy: "TLS early data",
      rate_limits: "rate limit descriptors",
      include_vh_rate_limits: "rate limit descriptors",
      cors: "the deprecated cors field (use typed_per_filter_config)",
      internal_redirect_policy: "internal redirects",
      internal_redirect_action: "internal redirects",
      max_internal_redirects: "internal redirects",
      hedge_policy: "request hedging",
    },
    check(action, at, node) {
      if (action.prefixRewrite === undefined || action.regexRewrite === undefined) return;
      const message = "prefix_rewrite and regex_rewrite exclude each other";
      at.add(
        "listeners",
        node.at,
        message,
        "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy",
      );
    },
  },
);
