import { describe, expect, test } from "vitest";
import type { LbPolicy } from "../config/cluster.ts";
import { Host } from "./host.ts";
import {
  createLoadBalancer,
  type LoadBalancer,
  type LoadBalancerOptions,
} from "./load-balancer.ts";

function host(port: number, changed: Partial<ConstructorParameters<typeof Host>[0]> = {}): Host {
  return new Host({
    address: "127.0.0.1",
    port,
    hostname: "",
    weight: 1,
    priority: 0,
    locality: undefined,
    healthStatus: "UNKNOWN",
    ...changed,
  });
}

function balance(
  policy: LbPolicy,
  hosts: readonly Host[],
  random: () => number,
  more: Partial<LoadBalancerOptions> = {},
): LoadBalancer {
  return createLoadBalancer(hosts, {
    policy,
    random,
    overprovisioningFactor: 140,
    panicThreshold: 50,
    weightedHealth: false,
    localityWeighted: false,
    failTrafficOnPanic: false,
    onPanic: () => {},
    ...more,
  });
}

const ports = (balancer: LoadBalancer, count: number): number[] =>
  Array.from({ length: count }, () => balancer.choose(undefined)?.port ?? 0);

/** How often each port was chosen. */
function tally(balancer: LoadBalancer, count: number): Record<number, number> {
  const chosen: Record<number, number> = {};
  for (const port of ports(balancer, count)) chosen[port] = (chosen[port] ?? 0) + 1;
  return chosen;
}

/** 0, 1, 2, ... : every percent comes up once in a hundred. */
function counting(): () => number {
  let next = 0;
  return () => next++;
}

describe("policies", () => {
  test("round robin takes turns, beginning anywhere", () => {
    const balancer = balance("ROUND_ROBIN", [host(1), host(2), host(3)], () => 4);
    expect(ports(balancer, 5)).toEqual([2, 3, 1, 2, 3]);
  });

  test("weights are kept and spread", () => {
    const balancer = balance("ROUND_ROBIN", [host(1, { weight: 2 }), host(2)], () => 0);
    expect(ports(balancer, 6)).toEqual([1, 2, 1, 1, 2, 1]);
  });

  test("least request takes the less busy of two", () => {
    const [busy, idle] = [host(1), host(2)];
    busy.activeRequests = 5;
    expect(ports(balance("LEAST_REQUEST", [busy, idle], counting()), 4)).toEqual([2, 2, 2, 2]);
  });

  test("a ring sends the same hash to the same endpoint, and moves few when one goes", () => {
    const hosts = [1, 2, 3, 4].map((port) => host(port));
    const all = balance("RING_HASH", hosts, () => 0);
    const fewer = balance("RING_HASH", hosts.slice(0, 3), () => 0);
    const hashes = Array.from({ length: 400 }, (_, i) => Math.imul(i + 1, 2_654_435_761) >>> 0);
    const moved = hashes.filter((hash) => {
      const before = all.choose(hash)?.port;
      return before !== 4 && before !== fewer.choose(hash)?.port;
    });
    expect(moved).toEqual([]);
    expect(new Set(hashes.map((hash) => all.choose(hash)?.port)).size).toBe(4);
  });
});

describe("health", () => {
  const sick = { healthStatus: "UNHEALTHY" } as const;
  const tired = { healthStatus: "DEGRADED" } as const;
  const leaving = { healthStatus: "DRAINING" } as const;

  test("nobody is chosen where there is nobody", () => {
    expect(balance("RANDOM", [], () => 0).choose(undefined)).toBeUndefined();
  });

  test("endpoints that are not healthy get nothing while half of them are", () => {
    expect(
      ports(
        balance("ROUND_ROBIN", [host(1, sick), host(2)], () => 0),
        2,
      ),
    ).toEqual([2, 2]);
  });

  test("below the panic threshold everybody gets requests, and it is counted", () => {
    let panics = 0;
    const hosts = [host(1, sick), host(2, sick), host(3)];
    const balancer = balance("ROUND_ROBIN", hosts, () => 0, { onPanic: () => panics++ });
    expect(tally(balancer, 6)).toEqual({ 1: 2, 2: 2, 3: 2 });
    expect(panics).toBe(6);
  });

  test("a panic threshold of 0 leaves the healthy ones alone, or nobody", () => {
    const options = { panicThreshold: 0 };
    const hosts = [host(1, sick), host(2, sick), host(3)];
    expect(tally(balance("ROUND_ROBIN", hosts, counting(), options), 5)).toEqual({ 3: 5 });
    const none = balance("ROUND_ROBIN", [host(1, sick)], () => 0, options);
    expect(none.choose(undefined)).toBeUndefined();
  });

  test("fail_traffic_on_panic gives the request to nobody", () => {
    const options = { failTrafficOnPanic: true };
    const balancer = balance("ROUND_ROBIN", [host(1, sick)], () => 0, options);
    expect(balancer.choose(undefined)).toBeUndefined();
  });

  test("endpoints on their way out are no reason to panic", () => {
    const hosts = [host(1, leaving), host(2, leaving), host(3, leaving), host(4)];
    expect(tally(balance("ROUND_ROBIN", hosts, counting()), 4)).toEqual({ 4: 4 });
  });

  test("degraded ones take what healthy ones cannot", () => {
    // 1 of 2 healthy: trusted with 70 percent.
    const balancer = balance("ROUND_ROBIN", [host(1), host(2, tired)], counting());
    expect(tally(balancer, 100)).toEqual({ 1: 70, 2: 30 });
  });
});

describe("priorities", () => {
  test("the next priority gets what the first is not trusted with", () => {
    const hosts = [
      host(1),
      host(2, { healthStatus: "UNHEALTHY" }),
      host(3, { priority: 1 }),
      host(4, { priority: 1 }),
    ];
    const chosen = tally(balance("ROUND_ROBIN", hosts, counting()), 100);
    expect(chosen[1]).toBe(70);
    expect((chosen[3] ?? 0) + (chosen[4] ?? 0)).toBe(30);
    expect(chosen[2]).toBeUndefined();
  });

  test("weights instead of numbers, where the file says so", () => {
    const hosts = [
      host(1, { weight: 9 }),
      host(2, { weight: 1, healthStatus: "UNHEALTHY" }),
      host(3, { priority: 1 }),
    ];
    expect(tally(balance("RANDOM", hosts, counting(), { weightedHealth: true }), 100)).toEqual({
      1: 100,
    });
  });
});

describe("localities", () => {
  const near = { loadBalancingWeight: 3 };
  const far = { loadBalancingWeight: 1 };
  const weighted = { localityWeighted: true };

  test("share by their weights", () => {
    const hosts = [host(1, { group: near }), host(2, { group: far }), host(3, { group: far })];
    const chosen = tally(
      balance("ROUND_ROBIN", hosts, () => 0, weighted),
      80,
    );
    expect(chosen).toEqual({ 1: 60, 2: 10, 3: 10 });
  });

  test("without weights given they do not", () => {
    const hosts = [host(1, { group: near }), host(2, { group: far })];
    expect(
      tally(
        balance("ROUND_ROBIN", hosts, () => 0),
        8,
      ),
    ).toEqual({ 1: 4, 2: 4 });
  });

  test("one that lost endpoints loses its share with them", () => {
    // Half of the near ones are left: 0.7 times 3 to 1.
    const hosts = [
      host(1, { group: near }),
      host(2, { group: near, healthStatus: "UNHEALTHY" }),
      host(3, { group: far }),
      host(4, { group: far }),
    ];
    const chosen = tally(
      balance("ROUND_ROBIN", hosts, () => 0, weighted),
      310,
    );
    expect(chosen).toEqual({ 1: 210, 3: 50, 4: 50 });
  });

  test("one without a weight gets nothing", () => {
    const hosts = [host(1, { group: near }), host(2, { group: {} })];
    expect(
      tally(
        balance("ROUND_ROBIN", hosts, () => 0, weighted),
        5,
      ),
    ).toEqual({ 1: 5 });
  });
});
