/** What all load balancing policies share. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#config-cluster-v3-cluster-commonlbconfig */
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional } from "./decode/field.ts";
import { empty, message } from "./decode/message.ts";
import type { Empty } from "./extension.ts";
import type { Percent } from "./percent.ts";
import { percent } from "./percent.ts";

export interface CommonLbConfig {
  /** Absent: 50; 0: never. Below that share of healthy endpoints, all of them are used. */
  readonly healthyPanicThreshold?: Percent;
  readonly zoneAwareLbConfig?: { readonly failTrafficOnPanic: boolean };
  /** Localities share the traffic by their load_balancing_weight. */
  readonly localityWeightedLbConfig?: Empty;
}

const name = "envoy.config.cluster.v3.Cluster.CommonLbConfig";

const noLocalCluster =
  "there is no local cluster to compare with, so that Envoy treats all zones alike, too";

export const commonLbConfig: Decoder<CommonLbConfig> = message<CommonLbConfig>(
  name,
  {
    healthyPanicThreshold: optional(percent),
    zoneAwareLbConfig: optional(
      message<NonNullable<CommonLbConfig["zoneAwareLbConfig"]>>(
        `${name}.ZoneAwareLbConfig`,
        { failTrafficOnPanic: flag() },
        { accepted: { routing_enabled: noLocalCluster, min_cluster_size: noLocalCluster } },
      ),
    ),
    localityWeightedLbConfig: optional(empty(`${name}.LocalityWeightedLbConfig`)),
  },
  {
    oneofs: [
      {
        name: "locality_config_specifier",
        fields: ["zone_aware_lb_config", "locality_weighted_lb_config"],
      },
    ],
    accepted: { update_merge_window: "changes take effect at once" },
    unsupported: {
      ignore_new_hosts_until_first_hc: "new endpoints outside of the panic calculation",
      close_connections_on_host_set_change: "closing connections when endpoints change",
      consistent_hashing_lb_config: "consistent hashing settings",
      override_host_status: "overriding the choice of an endpoint",
    },
  },
);
