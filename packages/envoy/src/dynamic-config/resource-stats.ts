/** How many listeners or clusters came, changed and went. */
import type { Counter, Gauge, StatsStore } from "../stats/stats-store.ts";

export class ResourceStats<Value> {
  readonly #added: Counter;
  readonly #modified: Counter;
  readonly #removed: Counter;
  readonly #active: Gauge;
  /** Times that something came or changed. */
  readonly #reloads: Counter | undefined;
  #known: ReadonlyMap<string, string> = new Map();

  constructor(stats: StatsStore, prefix: string, noun: "cluster" | "listener", reloads?: Counter) {
    this.#added = stats.counter(`${prefix}${noun}_added`);
    this.#modified = stats.counter(`${prefix}${noun}_modified`);
    this.#removed = stats.counter(`${prefix}${noun}_removed`);
    this.#reloads = reloads;
    this.#active = stats.gauge(
      `${prefix}${noun === "cluster" ? "active_clusters" : "total_listeners_active"}`,
    );
  }

  now(values: readonly Value[], nameOf: (value: Value) => string): void {
    const next = new Map(values.map((value) => [nameOf(value), JSON.stringify(value)]));
    let changed = false;
    for (const [name, text] of next) {
      const old = this.#known.get(name);
      if (old === text) continue;
      changed = true;
      if (old === undefined) this.#added.inc();
      else this.#modified.inc();
    }
    if (changed) this.#reloads?.inc();
    for (const name of this.#known.keys()) if (!next.has(name)) this.#removed.inc();
    this.#active.set(next.size);
    this.#known = next;
  }
}
