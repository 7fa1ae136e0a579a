/** Statistics of what a cluster's requests came to. https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats#dynamic-http-statistics */
import type { ForwardingPlan, ForwardingStream } from "./forwarding-plan.ts";

export function countUpstreamStatus(
  { info, internal }: Pick<ForwardingStream, "info" | "internal">,
  { cluster, altStatName }: Pick<ForwardingPlan, "cluster" | "altStatName">,
  status: number,
): void {
  if (info.healthCheck) return;
  cluster.stats.countStatus(status, internal);
  if (altStatName !== undefined) cluster.stats.countStatusAs(altStatName, status, internal);
}
