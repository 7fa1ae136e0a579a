import { describe, expect, test } from "vitest";
import { Host } from "./host.ts";
import { createLoadBalancer } from "./load-balancer.ts";

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

const ports = (balancer: ReturnType<typeof createLoadBalancer>, count: number): number[] =>
  Array.from({ length: count }, () => balancer.choose(undefined)?.port ?? 0);

describe("createLoadBalancer", () => {
  test("round robin takes turns, beginning anywhere", () => {
    const balancer = createLoadBalancer("ROUND_ROBIN", [host(1), host(2), host(3)], () => 4);
    expect(ports(balancer, 5)).toEqual([2, 3, 1, 2, 3]);
  });

  test("weights are kept and spread", () => {
    const balancer = createLoadBalancer("ROUND_ROBIN", [host(1, { weight: 2 }), host(2)], () => 0);
    expect(ports(balancer, 6)).toEqual([1, 2, 1, 1, 2, 1]);
  });

  test("least request takes the less busy of two", () => {
    const [busy, idle] = [host(1), host(2)];
    busy.activeRequests = 5;
    let drawn = 0;
    const balancer = createLoadBalancer("LEAST_REQUEST", [busy, idle], () => drawn++);
    expect(ports(balancer, 4)).toEqual([2, 2, 2, 2]);
  });

  test("a ring sends the same hash to the same endpoint, and moves few when one goes", () => {
    const hosts = [1, 2, 3, 4].map((port) => host(port));
    const all = createLoadBalancer("RING_HASH", hosts, () => 0);
    const fewer = createLoadBalancer("RING_HASH", hosts.slice(0, 3), () => 0);
    const hashes = Array.from({ length: 400 }, (_, i) => Math.imul(i + 1, 2_654_435_761) >>> 0);
    const moved = hashes.filter((hash) => {
      const before = all.choose(hash)?.port;
      return before !== 4 && before !== fewer.choose(hash)?.port;
    });
    expect(moved).toEqual([]);
    expect(new Set(hashes.map((hash) => all.choose(hash)?.port)).size).toBe(4);
  });

  test("unhealthy endpoints and lower priorities wait until nothing else is there", () => {
    const hosts = [host(1, { healthStatus: "UNHEALTHY" }), host(2), host(3, { priority: 1 })];
    expect(
      ports(
        createLoadBalancer("ROUND_ROBIN", hosts, () => 0),
        2,
      ),
    ).toEqual([2, 2]);
    const sick = [host(1, { healthStatus: "UNHEALTHY" }), host(3, { priority: 1 })];
    expect(
      ports(
        createLoadBalancer("ROUND_ROBIN", sick, () => 0),
        1,
      ),
    ).toEqual([3]);
    expect(createLoadBalancer("RANDOM", [], () => 0).choose(undefined)).toBeUndefined();
  });
});
