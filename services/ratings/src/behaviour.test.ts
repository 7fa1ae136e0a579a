import { expect, test } from "vitest";
import { createBehaviour, delayMs, unavailablePeriodMs, unhealthyPeriodMs } from "./behaviour.ts";

const fixed = (random: number, clock = { ms: 0 }) => ({
  now: () => clock.ms,
  random: () => random,
});

test("v-faulty refuses half of the requests", () => {
  expect(createBehaviour("v-faulty", fixed(0.49)).next()).toEqual({ kind: "unavailable" });
  expect(createBehaviour("v-faulty", fixed(0.5)).next()).toEqual({ kind: "ratings", delayMs: 0 });
});

test("v-delayed keeps half of the requests waiting", () => {
  expect(createBehaviour("v-delayed", fixed(0.49)).next()).toEqual({ kind: "ratings", delayMs });
  expect(createBehaviour("v-delayed", fixed(0.5)).next()).toEqual({ kind: "ratings", delayMs: 0 });
});

test("v-unavailable is in service and out of it in turn, and healthy all the time", () => {
  const clock = { ms: 1_000 };
  const behaviour = createBehaviour("v-unavailable", fixed(0, clock));
  const kinds = [0, 1, 2, 3].map((period) => {
    clock.ms = 1_000 + period * unavailablePeriodMs;
    return [behaviour.next().kind, behaviour.healthy];
  });
  expect(kinds).toEqual([
    ["ratings", true],
    ["unavailable", true],
    ["ratings", true],
    ["unavailable", true],
  ]);
});

test("v-unhealthy tells its health check as well", () => {
  const clock = { ms: 0 };
  const behaviour = createBehaviour("v-unhealthy", fixed(0, clock));
  expect([behaviour.next().kind, behaviour.healthy]).toEqual(["ratings", true]);
  clock.ms = unhealthyPeriodMs;
  expect([behaviour.next().kind, behaviour.healthy]).toEqual(["unavailable", false]);
});
