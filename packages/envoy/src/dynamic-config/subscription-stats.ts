/** What became of the updates of one file. https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/mgmt_server#subscription-statistics */
import type { Counter, StatsStore } from "../stats/stats-store.ts";

export class SubscriptionStats {
  readonly attempt: Counter;
  readonly success: Counter;
  readonly failure: Counter;
  readonly rejected: Counter;

  /** `prefix` is such as `listener_manager.lds.`. */
  constructor(stats: StatsStore, prefix: string) {
    this.attempt = stats.counter(`${prefix}update_attempt`);
    this.success = stats.counter(`${prefix}update_success`);
    this.failure = stats.counter(`${prefix}update_failure`);
    this.rejected = stats.counter(`${prefix}update_rejected`);
    stats.counter(`${prefix}init_fetch_timeout`);
  }
}
