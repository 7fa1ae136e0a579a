import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TimeLimits } from "./time-limits.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const start = (): {
  limits: TimeLimits;
  told: string[];
  owner(name: string): { onTimeLimit(): void };
} => {
  const told: string[] = [];
  return {
    limits: new TimeLimits(),
    told,
    owner: (name) => ({ onTimeLimit: () => told.push(`${name} at ${performance.now() - began}`) }),
  };
};
let began = 0;
beforeEach(() => {
  began = performance.now();
});

test("each owner is told to the millisecond, those of one length in their order", () => {
  const { limits, told, owner } = start();
  limits.start(100, owner("a"));
  vi.advanceTimersByTime(40);
  limits.start(100, owner("b"));
  limits.start(30, owner("c"));
  vi.advanceTimersByTime(99);
  expect(told).toEqual(["c at 70", "a at 100"]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(["c at 70", "a at 100", "b at 140"]);
});

test("a cancelled limit is silent, wherever it stands, and may be cancelled again", () => {
  const { limits, told, owner } = start();
  const all = ["a", "b", "c", "d"].map((name) => limits.start(50, owner(name)));
  all[0]?.cancel();
  all[2]?.cancel();
  all[2]?.cancel();
  vi.advanceTimersByTime(60);
  expect(told).toEqual(["b at 50", "d at 50"]);
  all[1]?.cancel();
});

test("a limit may cancel others and begin new ones when it is told", () => {
  const { limits, told, owner } = start();
  const cancelled = { limit: undefined as { cancel(): void } | undefined };
  limits.start(10, {
    onTimeLimit() {
      cancelled.limit?.cancel();
      limits.start(10, owner("later"));
    },
  });
  cancelled.limit = limits.start(10, owner("never"));
  vi.advanceTimersByTime(30);
  expect(told).toEqual(["later at 20"]);
});

test("a length comes back after nobody had it", () => {
  const { limits, told, owner } = start();
  limits.start(10, owner("a")).cancel();
  vi.advanceTimersByTime(1000);
  limits.start(10, owner("b"));
  vi.advanceTimersByTime(10);
  expect(told).toEqual(["b at 1010"]);
});

test("there is one timer for many limits of a length", () => {
  const { limits, owner } = start();
  for (let i = 0; i < 100; i++) limits.start(15_000, owner("a"));
  expect(vi.getTimerCount()).toBe(1);
});
