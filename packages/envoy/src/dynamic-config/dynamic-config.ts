/**
 * Listeners, clusters and routes out of files that may change while the proxy runs. What the files say is put together with the bootstrap,
 * and the server takes the whole over as it takes any changed configuration.
 * https://www.envoyproxy.io/docs/envoy/latest/start/quick-start/configuration-dynamic-filesystem
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Bootstrap } from "../config/bootstrap.ts";
import { type Cluster, cluster } from "../config/cluster.ts";
import { type ConfigSource, pathOf } from "../config/config-source.ts";
import type { Environment } from "../config/data-source-bytes.ts";
import type { FilterChain } from "../config/filter-chain.ts";
import type { HttpConnectionManager } from "../config/http-connection-manager.ts";
import { type Listener, listener } from "../config/listener.ts";
import { checkClusters } from "../config/validate/check-clusters.ts";
import { checkListeners } from "../config/validate/check-listeners.ts";
import type { StatsStore } from "../stats/stats-store.ts";
import { FileWatch } from "./file-watch.ts";
import { ResourceFile, type ShownResource } from "./resource-file.ts";
import { ResourceStats } from "./resource-stats.ts";
import { RouteFile } from "./route-file.ts";
import { SubscriptionStats } from "./subscription-stats.ts";

export interface DynamicConfigOptions {
  readonly node: { readonly id: string; readonly cluster: string };
  readonly stats: StatsStore;
  readonly env: Environment;
  readonly log: (line: string) => void;
  /** Compiles a listener for nothing; throws what is wrong with it. */
  readonly tryListener: (config: Listener) => void;
  /** Puts a changed configuration in place; awaited before the next. */
  readonly apply: (bootstrap: Bootstrap) => Promise<void>;
}

/** For the admin interface. */
export interface DynamicResourcesShown {
  readonly clusters: readonly ShownResource[];
  readonly clusterVersion: string;
  readonly listeners: readonly ShownResource[];
  readonly listenerVersion: string;
  readonly routes: readonly ShownResource[];
}

export class DynamicConfig {
  readonly #bootstrap: Bootstrap;
  readonly #options: DynamicConfigOptions;
  readonly #clusters: ResourceFile<Cluster> | undefined;
  readonly #listeners: ResourceFile<Listener> | undefined;
  /** By stat prefix, path and name. */
  readonly #routes = new Map<string, RouteFile>();
  readonly #clusterStats: ResourceStats<Cluster>;
  readonly #listenerStats: ResourceStats<Listener>;
  readonly #watch: FileWatch;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(bootstrap: Bootstrap, options: DynamicConfigOptions) {
    this.#bootstrap = bootstrap;
    this.#options = options;
    const { cdsConfig, ldsConfig } = bootstrap.dynamicResources ?? {};
    const { stats } = options;
    this.#clusters = cdsConfig && this.#clusterFile(cdsConfig);
    this.#listeners = ldsConfig && this.#listenerFile(ldsConfig);
    const reloads = cdsConfig && stats.counter("cluster_manager.cds.config_reload");
    this.#clusterStats = new ResourceStats(stats, "cluster_manager.", "cluster", reloads);
    this.#listenerStats = new ResourceStats(stats, "listener_manager.", "listener");
    this.#watch = new FileWatch(() => {
      this.#last = this.#last.then(() => this.#reread());
    });
  }

  /** Whether any of the configuration is in other files. */
  static isUsed({ dynamicResources, staticResources }: Bootstrap): boolean {
    const { cdsConfig, ldsConfig } = dynamicResources ?? {};
    if (cdsConfig !== undefined || ldsConfig !== undefined) return true;
    return (staticResources?.listeners ?? []).some((config) => managersOf(config).some(hasRds));
  }

  /** Reads the files and begins to watch them; throws when one is not there. */
  start(): Bootstrap {
    const { id, cluster: nodeCluster } = this.#options.node;
    if (id === "" || nodeCluster === "") throw new Error(nodeIsMissing(this.#bootstrap));
    this.#clusters?.read();
    this.#listeners?.read();
    for (const config of this.#allListeners()) this.#readRoutes(config);
    const bootstrap = this.#effective();
    this.#watchFolders();
    return bootstrap;
  }

  get shown(): DynamicResourcesShown {
    return {
      clusters: this.#clusters?.shown ?? [],
      clusterVersion: this.#clusters?.version ?? "",
      listeners: this.#listeners?.shown ?? [],
      listenerVersion: this.#listeners?.version ?? "",
      routes: [...this.#routes.values()].flatMap(({ shown }) => shown),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watch.close();
    await this.#last;
  }

  async #reread(): Promise<void> {
    if (this.#closed) return;
    const { log, apply } = this.#options;
    try {
      const clustersChanged = this.#clusters?.read() === true;
      const listenersChanged = this.#listeners?.read() === true;
      let routesChanged = false;
      for (const config of this.#allListeners()) if (this.#readRoutes(config)) routesChanged = true;
      if (!clustersChanged && !listenersChanged && !routesChanged) return;
      await apply(this.#effective());
      this.#watchFolders();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log(`[warning][config] Filesystem config update rejected: ${reason}`);
    }
  }

  #effective(): Bootstrap {
    const clusters = this.#allClusters();
    const listeners = this.#allListeners();
    this.#clusterStats.now(clusters, ({ name }) => name);
    this.#listenerStats.now(listeners, nameOfListener);
    const filled = listeners.map((config) => this.#withRoutes(config));
    return { ...this.#bootstrap, staticResources: { clusters, listeners: filled } };
  }

  /** The bootstrap's own cannot be replaced. */
  #allClusters(): readonly Cluster[] {
    const own = this.#bootstrap.staticResources?.clusters ?? [];
    const names = new Set(own.map(({ name }) => name));
    const others = [...(this.#clusters?.resources.values() ?? [])];
    return [...own, ...others.filter(({ name }) => !names.has(name))];
  }

  #allListeners(): readonly Listener[] {
    const own = this.#bootstrap.staticResources?.listeners ?? [];
    return [...own, ...(this.#listeners?.resources.values() ?? [])];
  }

  #clusterFile(source: ConfigSource): ResourceFile<Cluster> {
    const { stats, env, log } = this.#options;
    return new ResourceFile<Cluster>({
      path: existing(source),
      api: "cds",
      noun: "cluster",
      kind: {
        type: "envoy.config.cluster.v3.Cluster",
        decoder: cluster,
        check: (value, report) =>
          checkClusters({ staticResources: { clusters: [value], listeners: [] } }, report, env),
      },
      nameOf: ({ name }) => name,
      stats: new SubscriptionStats(stats, "cluster_manager.cds."),
      log,
    });
  }

  #listenerFile(source: ConfigSource): ResourceFile<Listener> {
    const { stats, env, log } = this.#options;
    return new ResourceFile<Listener>({
      path: existing(source),
      api: "lds",
      noun: "listener",
      kind: {
        type: "envoy.config.listener.v3.Listener",
        decoder: listener,
        check: (value, report) => {
          const clusters = this.#allClusters();
          checkListeners({ staticResources: { clusters, listeners: [value] } }, report, env);
        },
      },
      nameOf: nameOfListener,
      tryOut: (value) => this.#options.tryListener(this.#withRoutes(value)),
      stats: new SubscriptionStats(stats, "listener_manager.lds."),
      log,
    });
  }

  /** Of all its connection managers; true when any routes have changed. */
  #readRoutes(config: Listener): boolean {
    let changed = false;
    for (const manager of managersOf(config)) {
      const file = this.#routeFile(manager);
      if (file?.read() === true) changed = true;
    }
    return changed;
  }

  #routeFile({ rds, statPrefix }: HttpConnectionManager): RouteFile | undefined {
    if (rds === undefined) return undefined;
    const path = existing(rds.configSource);
    const key = `${statPrefix} ${path} ${rds.routeConfigName}`;
    let file = this.#routes.get(key);
    if (file === undefined) {
      const { stats, log } = this.#options;
      const prefix = `http.${statPrefix}.rds.${rds.routeConfigName}.`;
      file = new RouteFile(path, rds.routeConfigName, prefix, stats, log);
      this.#routes.set(key, file);
    }
    return file;
  }

  #withRoutes(config: Listener): Listener {
    if (!managersOf(config).some(hasRds)) return config;
    const filled = (chain: FilterChain): FilterChain => ({
      ...chain,
      filters: chain.filters.map((filter) => {
        if (filter.config.type !== "HttpConnectionManager") return filter;
        const file = this.#routeFile(filter.config);
        if (file === undefined) return filter;
        return { ...filter, config: { ...filter.config, routeConfig: file.routes } };
      }),
    });
    return {
      ...config,
      filterChains: config.filterChains.map(filled),
      ...(config.defaultFilterChain && { defaultFilterChain: filled(config.defaultFilterChain) }),
    };
  }

  #watchFolders(): void {
    const { cdsConfig, ldsConfig } = this.#bootstrap.dynamicResources ?? {};
    const sources = [cdsConfig, ldsConfig];
    for (const config of this.#allListeners())
      for (const { rds } of managersOf(config)) sources.push(rds?.configSource);
    const folders = new Set<string>();
    for (const source of sources) {
      if (source === undefined) continue;
      folders.add(dirname(pathOf(source)));
      const watched = source.pathConfigSource?.watchedDirectory?.path;
      if (watched !== undefined) folders.add(watched);
    }
    this.#watch.set(folders);
  }
}

/** Whoever takes configuration from outside has to say who it is, also where nobody asks. */
function nodeIsMissing({ dynamicResources }: Bootstrap): string {
  const { cdsConfig, ldsConfig } = dynamicResources ?? {};
  const wanted =
    cdsConfig !== undefined
      ? "cluster.v3.Cluster"
      : ldsConfig !== undefined
        ? "listener.v3.Listener"
        : "route.v3.RouteConfiguration";
  return `type.googleapis.com/envoy.config.${wanted}: node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.`;
}

function existing(source: ConfigSource): string {
  const path = pathOf(source);
  if (existsSync(path)) return path;
  throw new Error(`paths must refer to an existing path in the system: '${path}' does not exist`);
}

function nameOfListener({ name, address }: Listener): string {
  return name ?? `${address.address}:${address.portValue}`;
}

function managersOf({ filterChains, defaultFilterChain }: Listener): HttpConnectionManager[] {
  const chains =
    defaultFilterChain === undefined ? filterChains : [...filterChains, defaultFilterChain];
  return chains
    .flatMap(({ filters }) => filters.map(({ config }) => config))
    .filter((config) => config.type === "HttpConnectionManager");
}

function hasRds({ rds }: HttpConnectionManager): boolean {
  return rds !== undefined;
}
