/**
 * Which endpoint gets the next request: first a priority, then its healthy endpoints, its degraded ones or, in panic, all of them; then perhaps
 * a locality; then by the cluster's policy. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/overview
 */
import type { LbPolicy } from "../config/cluster.ts";
import type { Host } from "./host.ts";
import {
  type ChooseHost,
  createHostChooser,
  type Random,
  smoothRoundRobin,
} from "./host-choosers.ts";
import { computePriorityLoad, type PriorityLoad, type PriorityOptions } from "./priority-load.ts";

export type { Random } from "./host-choosers.ts";

export interface LoadBalancer {
  /** `hash` is given where the route has a hash policy. */
  choose(hash: number | undefined): Host | undefined;
}

export interface LoadBalancerOptions extends PriorityOptions {
  readonly policy: LbPolicy;
  /** Endpoints count by weight in the health of a priority. */
  readonly weightedHealth: boolean;
  /** Localities share by their weights. */
  readonly localityWeighted: boolean;
  /** In panic nobody gets the request. */
  readonly failTrafficOnPanic: boolean;
  readonly random: Random;
  /** A request was sent regardless of health. */
  readonly onPanic: () => void;
}

/** What may be chosen from in one priority. */
interface Choosers {
  readonly healthy: ChooseHost;
  readonly degraded: ChooseHost;
  readonly all: ChooseHost;
}

/** For the endpoints as they are: made anew when any of them changes. */
export function createLoadBalancer(
  hosts: readonly Host[],
  options: LoadBalancerOptions,
): LoadBalancer {
  const { random } = options;
  const sets = byPriority(hosts);
  const load = computePriorityLoad(
    sets.map((set) => healthOf(set, options.weightedHealth)),
    options,
  );
  const choosers = sets.map((set) => createChoosers(set, options));
  const [first] = choosers;
  // The usual case: one priority, and it is well.
  if (first !== undefined && load.healthy[0] === 100 && load.panic[0] === false)
    return { choose: first.healthy };
  return {
    choose(hash) {
      const drawn = hash ?? random();
      const choice = choosePriority(load, drawn);
      const chosen = choice && choosers[choice.priority];
      if (choice === undefined || chosen === undefined) return undefined;
      if (load.panic[choice.priority] === true) {
        options.onPanic();
        return options.failTrafficOnPanic ? undefined : chosen.all(hash);
      }
      return choice.degraded ? chosen.degraded(hash) : chosen.healthy(hash);
    },
  };
}

function byPriority(hosts: readonly Host[]): Host[][] {
  const sets: Host[][] = [];
  for (const host of hosts) {
    while (sets.length <= host.priority) sets.push([]);
    sets[host.priority]?.push(host);
  }
  return sets;
}

function healthOf(
  hosts: readonly Host[],
  weighted: boolean,
): { total: number; healthy: number; degraded: number; excluded: number } {
  const health = { total: 0, healthy: 0, degraded: 0, excluded: 0 };
  for (const host of hosts) {
    const amount = weighted ? host.weight : 1;
    health.total += amount;
    if (host.isExcluded) health.excluded += amount;
    else if (host.health === "healthy") health.healthy += amount;
    else if (host.health === "degraded") health.degraded += amount;
  }
  return health;
}

function choosePriority(
  { healthy, degraded }: PriorityLoad,
  drawn: number,
): { readonly priority: number; readonly degraded: boolean } | undefined {
  const target = (drawn % 100) + 1;
  let reached = 0;
  for (let priority = 0; priority < healthy.length; priority++) {
    reached += healthy[priority] ?? 0;
    if (target <= reached) return { priority, degraded: false };
  }
  for (let priority = 0; priority < degraded.length; priority++) {
    reached += degraded[priority] ?? 0;
    if (target <= reached) return { priority, degraded: true };
  }
  return undefined;
}

function createChoosers(hosts: readonly Host[], options: LoadBalancerOptions): Choosers {
  const { policy, random } = options;
  const choose = (health: Host["health"]): ChooseHost => {
    const usable = hosts.filter((host) => host.health === health);
    return (
      (options.localityWeighted ? chooseByLocality(hosts, usable, options) : undefined) ??
      createHostChooser(policy, usable, random)
    );
  };
  return {
    healthy: choose("healthy"),
    degraded: choose("degraded"),
    all: createHostChooser(policy, hosts, random),
  };
}

/** Undefined: no locality has a weight, or none of those has a usable endpoint. */
function chooseByLocality(
  hosts: readonly Host[],
  usable: readonly Host[],
  options: LoadBalancerOptions,
): ChooseHost | undefined {
  const { policy, random, overprovisioningFactor } = options;
  const choosers: ChooseHost[] = [];
  const weights: number[] = [];
  for (const group of new Set(hosts.map((host) => host.group))) {
    const all = hosts.filter((host) => host.group === group);
    const good = usable.filter((host) => host.group === group);
    const counted = all.filter((host) => !host.isExcluded).length;
    const available = Math.min(1, ((overprovisioningFactor / 100) * good.length) / counted);
    const weight = (group.loadBalancingWeight ?? 0) * available;
    if (good.length === 0 || weight === 0) continue;
    choosers.push(createHostChooser(policy, good, random));
    weights.push(weight);
  }
  if (choosers.length === 0) return undefined;
  const next = smoothRoundRobin(choosers, weights);
  return (hash) => next()?.(hash);
}
