/** From a cluster's configuration to what its load balancer heeds. */
import type { Cluster as ClusterConfig } from "../config/cluster.ts";
import type { ClusterStats } from "./cluster-stats.ts";
import type { LoadBalancerOptions, Random } from "./load-balancer.ts";

/** Percent; Envoy's defaults. */
const defaultOverprovisioningFactor = 140;
const defaultPanicThreshold = 50;

export function balancingOptions(
  config: ClusterConfig,
  random: Random,
  stats: ClusterStats,
): LoadBalancerOptions {
  const { lbPolicy, commonLbConfig, loadAssignment } = config;
  return {
    policy: lbPolicy ?? "ROUND_ROBIN",
    overprovisioningFactor:
      loadAssignment?.policy?.overprovisioningFactor ?? defaultOverprovisioningFactor,
    weightedHealth: loadAssignment?.policy?.weightedPriorityHealth ?? false,
    panicThreshold: commonLbConfig?.healthyPanicThreshold ?? defaultPanicThreshold,
    localityWeighted: commonLbConfig?.localityWeightedLbConfig !== undefined,
    failTrafficOnPanic: commonLbConfig?.zoneAwareLbConfig?.failTrafficOnPanic ?? false,
    random,
    onPanic: () => stats.lbHealthyPanic.inc(),
  };
}
