/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-weightedcluster */
import type { Decoder } from "./decode/decoder.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { fieldPlace, message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { HeaderChanges } from "./header-value-option.ts";
import { headerChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import { perFilterConfigs } from "./http-filter.ts";

export interface WeightedCluster {
  readonly clusters: readonly ClusterWeight[];
  readonly runtimeKeyPrefix?: string;
}

/** One of name and clusterHeader is present. */
export interface ClusterWeight extends HeaderChanges {
  readonly name?: string;
  readonly clusterHeader?: string;
  readonly weight: number;
  readonly hostRewriteLiteral?: string;
  readonly typedPerFilterConfig: PerFilterConfigs;
}

const name = "envoy.config.route.v3.WeightedCluster";

const clusterWeight: Decoder<ClusterWeight> = message<ClusterWeight>(
  `${name}.ClusterWeight`,
  {
    name: optional(string()),
    clusterHeader: optional(string({ header: "name" })),
    weight: required(uint32()),
    hostRewriteLiteral: optional(string({ header: "value" })),
    typedPerFilterConfig: perFilterConfigs,
    ...headerChanges,
  },
  {
    accepted: { metadata_match: "matches load balancing subsets, which are not supported" },
    check(weight, at, node) {
      const { name: to = "", clusterHeader = "" } = weight;
      if ((to === "") !== (clusterHeader === "")) return;
      const both = to !== "";
      at.add(
        "listeners",
        node.at,
        both
          ? "name and cluster_header exclude each other"
          : "one of name and cluster_header is required",
        both
          ? "Only one of name or cluster_header can be specified"
          : "At least one of name or cluster_header need to be specified",
      );
    },
  },
);

export const weightedCluster: Decoder<WeightedCluster> = message<WeightedCluster>(
  name,
  {
    clusters: repeated(clusterWeight, { minItems: 1 }),
    runtimeKeyPrefix: optional(string()),
  },
  {
    accepted: { total_weight: "deprecated; Envoy takes the sum of the weights too" },
    unsupported: {
      header_name: "choosing a weighted cluster by a header's value",
      use_hash_policy: "choosing a weighted cluster by hash",
    },
    check({ clusters }, at, node) {
      const sum = clusters.reduce((total, { weight }) => total + weight, 0);
      const place = fieldPlace(node, "clusters");
      if (sum === 0) {
        const rule = "Sum of weights in the weighted_cluster must be greater than 0.";
        at.field("clusters").add("listeners", place, "the weights add up to 0", rule);
      } else if (sum > 0xffff_ffff) {
        const rule = `The sum of weights of all weighted clusters of route exceeds ${0xffff_ffff}`;
        at.field("clusters").add("listeners", place, `the weights add up to ${sum}`, rule);
      }
    },
  },
);
