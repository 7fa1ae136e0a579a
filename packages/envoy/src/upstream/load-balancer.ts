/** Which endpoint gets the next request. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers */
import type { LbPolicy } from "../config/cluster.ts";
import { hashText } from "./hash.ts";
import type { Host } from "./host.ts";

export interface LoadBalancer {
  /** `hash` is given where the route has a hash policy. */
  choose(hash: number | undefined): Host | undefined;
}

/** Random integers below 2^32. */
export type Random = () => number;

export function createLoadBalancer(
  policy: LbPolicy,
  hosts: readonly Host[],
  random: Random,
): LoadBalancer {
  const candidates = firstUsablePriority(hosts);
  if (candidates.length === 0) return { choose: () => undefined };
  switch (policy) {
    case "ROUND_ROBIN":
      return isWeighted(candidates) ? smoothRoundRobin(candidates) : roundRobin(candidates, random);
    case "RANDOM":
      return { choose: () => candidates[random() % candidates.length] };
    case "LEAST_REQUEST":
      return leastRequest(candidates, random);
    case "RING_HASH":
    case "MAGLEV":
      return consistentHash(candidates, random);
  }
}

/** Priorities are tried in order; hosts that are not healthy only when nothing else is there (Envoy's panic mode). */
function firstUsablePriority(hosts: readonly Host[]): Host[] {
  const priorities = [...new Set(hosts.map((host) => host.priority))].sort((a, b) => a - b);
  for (const priority of priorities) {
    const healthy = hosts.filter((host) => host.priority === priority && host.isHealthy);
    if (healthy.length > 0) return healthy;
  }
  return hosts.filter((host) => host.priority === priorities[0]);
}

function isWeighted(hosts: readonly Host[]): boolean {
  return hosts.some((host) => host.weight !== hosts[0]?.weight);
}

/** Starts at a random place, so that a fleet of proxies does not begin with the same endpoint. */
function roundRobin(hosts: readonly Host[], random: Random): LoadBalancer {
  let next = random() % hosts.length;
  return {
    choose() {
      const host = hosts[next];
      next = (next + 1) % hosts.length;
      return host;
    },
  };
}

/** Each turn everybody gains its weight, the richest is picked and pays the sum: weights spread evenly in time. */
function smoothRoundRobin(hosts: readonly Host[]): LoadBalancer {
  const total = hosts.reduce((sum, host) => sum + host.weight, 0);
  const credits = hosts.map(() => 0);
  return {
    choose() {
      let best = 0;
      for (let i = 0; i < hosts.length; i++) {
        credits[i] = (credits[i] as number) + (hosts[i] as Host).weight;
        if ((credits[i] as number) > (credits[best] as number)) best = i;
      }
      credits[best] = (credits[best] as number) - total;
      return hosts[best];
    },
  };
}

/** The less busy of two picked at random, busy meaning requests under way for its weight. */
function leastRequest(hosts: readonly Host[], random: Random): LoadBalancer {
  const load = (host: Host): number => (host.activeRequests + 1) / host.weight;
  return {
    choose() {
      const one = hosts[random() % hosts.length] as Host;
      const other = hosts[random() % hosts.length] as Host;
      return load(other) < load(one) ? other : one;
    },
  };
}

const pointsPerHost = 160;

/** A ring of points: an endpoint that comes or goes moves only its own share. */
function consistentHash(hosts: readonly Host[], random: Random): LoadBalancer {
  const ring: { readonly point: number; readonly host: Host }[] = [];
  for (const host of hosts) {
    for (let i = 0; i < pointsPerHost * host.weight; i++)
      ring.push({ point: hashText(`${host.name}_${i}`), host });
  }
  ring.sort((a, b) => a.point - b.point);
  return {
    choose(hash = random()) {
      let low = 0;
      let high = ring.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((ring[middle]?.point ?? 0) < hash) low = middle + 1;
        else high = middle;
      }
      return ring[low % ring.length]?.host;
    },
  };
}
