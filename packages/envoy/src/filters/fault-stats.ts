/** https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter#statistics */
import type { Counter, Gauge, StatsStore } from "../stats/stats-store.ts";

/** As a client can make names up. */
const maxClusters = 1000;

export class FaultStats {
  readonly delays: Counter;
  readonly aborts: Counter;
  readonly overflow: Counter;
  readonly active: Gauge;
  readonly #store: StatsStore;
  readonly #prefix: string;
  readonly #clusters = new Set<string>();

  constructor(store: StatsStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
    this.delays = store.counter(`${prefix}delays_injected`);
    this.aborts = store.counter(`${prefix}aborts_injected`);
    this.overflow = store.counter(`${prefix}faults_overflow`);
    this.active = store.gauge(`${prefix}active_faults`);
    // Slowing responses down is not supported: always 0.
    store.counter(`${prefix}response_rl_injected`);
  }

  /** Under the name of the cluster that the request says it comes from, too. */
  countFor(cluster: string | undefined, what: "delays" | "aborts"): void {
    this[what].inc();
    if (cluster === undefined || cluster === "") return;
    if (!this.#clusters.has(cluster) && this.#clusters.size >= maxClusters) return;
    this.#clusters.add(cluster);
    this.#store.counter(`${this.#prefix}${cluster}.${what}_injected`).inc();
  }
}
