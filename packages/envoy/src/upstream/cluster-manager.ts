/** All clusters by name. */
import type { Cluster as ClusterConfig } from "../config/cluster.ts";
import { Cluster, type ClusterDependencies } from "./cluster.ts";

export class ClusterManager {
  readonly #dependencies: ClusterDependencies;
  #clusters = new Map<string, Cluster>();

  constructor(configs: readonly ClusterConfig[], dependencies: ClusterDependencies) {
    this.#dependencies = dependencies;
    for (const config of configs)
      this.#clusters.set(config.name, new Cluster(config, dependencies));
  }

  get(name: string): Cluster | undefined {
    return this.#clusters.get(name);
  }

  all(): IterableIterator<Cluster> {
    return this.#clusters.values();
  }

  async start(): Promise<void> {
    await Promise.all([...this.all()].map((cluster) => cluster.start()));
  }

  /** Takes over a changed file: clusters whose definition is the same keep their connections, others get `graceMs` to finish. */
  async replace(configs: readonly ClusterConfig[], graceMs: number): Promise<void> {
    const next = new Map<string, Cluster>();
    const fresh: Cluster[] = [];
    for (const config of configs) {
      const old = this.#clusters.get(config.name);
      if (old !== undefined && JSON.stringify(old.config) === JSON.stringify(config)) {
        next.set(config.name, old);
        continue;
      }
      const cluster = new Cluster(config, this.#dependencies);
      fresh.push(cluster);
      next.set(config.name, cluster);
    }
    await Promise.all(fresh.map((cluster) => cluster.start()));
    const gone = [...this.all()].filter((cluster) => next.get(cluster.name) !== cluster);
    this.#clusters = next;
    // Requests under way finish on the old connections meanwhile.
    for (const cluster of gone) void cluster.close(graceMs);
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.all()].map((cluster) => cluster.close(graceMs)));
  }
}
