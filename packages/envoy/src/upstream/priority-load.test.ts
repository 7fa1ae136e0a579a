import { expect, test } from "vitest";
import { computePriorityLoad, type PriorityHealth } from "./priority-load.ts";

const options = { overprovisioningFactor: 140, panicThreshold: 50 };

const of = (healthy: number, total = 100, degraded = 0): PriorityHealth => ({
  total,
  healthy,
  degraded,
  excluded: 0,
});

/** Healthy load by priority, out of the table of Envoy's documentation on priority levels. */
test.each([
  [
    [100, 100],
    [100, 0],
  ],
  [
    [72, 72],
    [100, 0],
  ],
  [
    [71, 71],
    [99, 1],
  ],
  [
    [50, 50],
    [70, 30],
  ],
  [
    [25, 100],
    [35, 65],
  ],
  [
    [25, 25],
    [50, 50],
  ],
  [
    [100, 100, 100],
    [100, 0, 0],
  ],
  [
    [72, 72, 100],
    [100, 0, 0],
  ],
  [
    [71, 71, 100],
    [99, 1, 0],
  ],
  [
    [50, 50, 100],
    [70, 30, 0],
  ],
  [
    [25, 100, 100],
    [35, 65, 0],
  ],
  [
    [25, 25, 100],
    [35, 35, 30],
  ],
])("with %j percent healthy the traffic goes %j", (health, load) => {
  const computed = computePriorityLoad(
    health.map((percent) => of(percent)),
    options,
  );
  expect(computed.healthy).toEqual(load);
  expect(computed.degraded).toEqual(load.map(() => 0));
});

test("degraded endpoints come after all healthy ones", () => {
  const { healthy, degraded } = computePriorityLoad([of(0, 100, 100), of(50)], options);
  expect({ healthy, degraded }).toEqual({ healthy: [0, 70], degraded: [30, 0] });
});

test("panic where neither this priority nor the sum is enough", () => {
  const { panic, healthy } = computePriorityLoad([of(25), of(50)], options);
  // 35 and 70 percent are enough together.
  expect(panic).toEqual([false, false]);
  expect(healthy).toEqual([35, 65]);
  expect(computePriorityLoad([of(5), of(60, 100)], options).panic).toEqual([true, false]);
});

test("in total panic the number of endpoints decides", () => {
  const { panic, healthy } = computePriorityLoad([of(0, 10), of(0, 30)], options);
  expect(panic).toEqual([true, true]);
  expect(healthy).toEqual([25, 75]);
});

test("nobody at all", () => {
  expect(computePriorityLoad([], options)).toEqual({ healthy: [], degraded: [], panic: [] });
  expect(computePriorityLoad([of(0, 0)], options).healthy).toEqual([0]);
});
