/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-weightedcluster */

import type { HeaderChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import type { Metadata } from "./metadata.ts";

export interface WeightedCluster {
  readonly clusters: readonly ClusterWeight[];
  readonly runtimeKeyPrefix?: string;
  /** Deprecated and checked only: the sum of the weights has to equal it. */
  readonly totalWeight?: number;
}

/** One of name and clusterHeader is present. */
export interface ClusterWeight extends HeaderChanges {
  readonly name?: string;
  readonly clusterHeader?: string;
  /** Absent: 0. */
  readonly weight?: number;
  readonly metadataMatch?: Metadata;
  readonly hostRewriteLiteral?: string;
  readonly typedPerFilterConfig: PerFilterConfigs;
}
