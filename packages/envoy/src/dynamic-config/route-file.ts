/** The routes of one name out of one file, for the connection managers that name both. */
import {
  noRoutes,
  type RouteConfiguration,
  routeConfiguration,
} from "../config/route-configuration.ts";
import { checkRouteConfiguration } from "../config/validate/check-route-configuration.ts";
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import { ResourceFile, type ShownResource } from "./resource-file.ts";
import { SubscriptionStats } from "./subscription-stats.ts";

export class RouteFile {
  readonly path: string;
  readonly #name: string;
  readonly #file: ResourceFile<RouteConfiguration>;
  readonly #empty: Counter;
  readonly #reloads: Counter;
  #routes: RouteConfiguration = noRoutes;

  /** `prefix` is `http.<stat_prefix>.rds.<name>.`. */
  constructor(
    path: string,
    name: string,
    prefix: string,
    stats: StatsStore,
    log: (line: string) => void,
  ) {
    this.path = path;
    this.#name = name;
    this.#empty = stats.counter(`${prefix}update_empty`);
    this.#reloads = stats.counter(`${prefix}config_reload`);
    this.#file = new ResourceFile<RouteConfiguration>({
      path,
      api: "rds",
      noun: "route config",
      kind: {
        type: "envoy.config.route.v3.RouteConfiguration",
        decoder: routeConfiguration,
        // Clusters may come later than the routes to them, unless the file says otherwise.
        check: (value, report) =>
          checkRouteConfiguration({ validateClusters: false, ...value }, new Set(), report),
      },
      nameOf: (value) => value.name ?? "",
      wanted: name,
      stats: new SubscriptionStats(stats, prefix),
      log,
    });
  }

  get shown(): readonly ShownResource[] {
    return this.#file.shown;
  }

  get routes(): RouteConfiguration {
    return this.#routes;
  }

  /** True when the routes have changed. */
  read(): boolean {
    if (!this.#file.read()) return false;
    const { resources } = this.#file;
    if (resources.size === 0) {
      this.#empty.inc();
      return false;
    }
    const found = resources.get(this.#name);
    if (found === undefined) return false;
    this.#reloads.inc();
    this.#routes = found;
    return true;
  }
}
