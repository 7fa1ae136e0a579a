/** https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter#statistics */
import { ClientNames } from "../stats/client-names.ts";
import type { Counter, Gauge, StatsStore } from "../stats/stats-store.ts";

export class FaultStats {
  readonly delays: Counter;
  readonly aborts: Counter;
  readonly overflow: Counter;
  readonly active: Gauge;
  readonly #store: StatsStore;
  readonly #prefix: string;
  readonly #clusters = new ClientNames();

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
    if (!this.#clusters.admits(cluster)) return;
    this.#store.counter(`${this.#prefix}${cluster}.${what}_injected`).inc();
  }
}
