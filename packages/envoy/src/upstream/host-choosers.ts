/** Choosing among endpoints that are all as good as each other. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers */
import type { LbPolicy } from "../config/cluster.ts";
import { hashText } from "./hash.ts";
import type { Host } from "./host.ts";

/** `hash` is given where the route has a hash policy. */
export type ChooseHost = (hash: number | undefined) => Host | undefined;

/** Random integers below 2^32. */
export type Random = () => number;

export function createHostChooser(
  policy: LbPolicy,
  hosts: readonly Host[],
  random: Random,
): ChooseHost {
  if (hosts.length === 0) return () => undefined;
  switch (policy) {
    case "ROUND_ROBIN":
      return isWeighted(hosts)
        ? smoothRoundRobin(
            hosts,
            hosts.map(({ weight }) => weight),
          )
        : roundRobin(hosts, random);
    case "RANDOM":
      return () => hosts[random() % hosts.length];
    case "LEAST_REQUEST":
      return leastRequest(hosts, random);
    case "RING_HASH":
    case "MAGLEV":
      return consistentHash(hosts, random);
  }
}

function isWeighted(hosts: readonly Host[]): boolean {
  return hosts.some((host) => host.weight !== hosts[0]?.weight);
}

/** Starts at a random place, so that a fleet of proxies does not begin with the same endpoint. */
function roundRobin(hosts: readonly Host[], random: Random): ChooseHost {
  let next = random() % hosts.length;
  return () => {
    const host = hosts[next];
    next = (next + 1) % hosts.length;
    return host;
  };
}

/** Each turn everybody gains its weight, the richest is picked and pays the sum: weights spread evenly in time. */
export function smoothRoundRobin<Item>(
  items: readonly Item[],
  weights: readonly number[],
): () => Item | undefined {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const credits = weights.map(() => 0);
  return () => {
    let best = 0;
    for (let i = 0; i < items.length; i++) {
      credits[i] = (credits[i] as number) + (weights[i] as number);
      if ((credits[i] as number) > (credits[best] as number)) best = i;
    }
    credits[best] = (credits[best] as number) - total;
    return items[best];
  };
}

/** The less busy of two picked at random, busy meaning requests under way for its weight. */
function leastRequest(hosts: readonly Host[], random: Random): ChooseHost {
  const load = (host: Host): number => (host.activeRequests + 1) / host.weight;
  return () => {
    const one = hosts[random() % hosts.length] as Host;
    const other = hosts[random() % hosts.length] as Host;
    return load(other) < load(one) ? other : one;
  };
}

const pointsPerHost = 160;

/** A ring of points: an endpoint that comes or goes moves only its own share. */
function consistentHash(hosts: readonly Host[], random: Random): ChooseHost {
  const ring: { readonly point: number; readonly host: Host }[] = [];
  for (const host of hosts) {
    for (let i = 0; i < pointsPerHost * host.weight; i++)
      ring.push({ point: hashText(`${host.name}_${i}`), host });
  }
  ring.sort((a, b) => a.point - b.point);
  return (hash = random()) => {
    let low = 0;
    let high = ring.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ring[middle]?.point ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return ring[low % ring.length]?.host;
  };
}
