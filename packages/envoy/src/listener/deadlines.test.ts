import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Deadline, Deadlines } from "./deadlines.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("expires late by at most its granule, never early", () => {
  const deadlines = new Deadlines();
  const expired: number[] = [];
  for (const ms of [1, 40, 300, 1000, 20_000]) {
    const start = performance.now();
    deadlines.arm(new Deadline(() => expired.push(performance.now() - start - ms)), ms);
  }
  vi.advanceTimersByTime(30_000);
  expect(expired).toHaveLength(5);
  expect(Math.min(...expired)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...expired)).toBeLessThanOrEqual(1001);
});

test("a deadline moved on expires at its new time only", () => {
  const deadlines = new Deadlines();
  let count = 0;
  const deadline = new Deadline(() => {
    count += 1;
  });
  deadlines.arm(deadline, 100);
  vi.advanceTimersByTime(90);
  deadlines.arm(deadline, 100);
  vi.advanceTimersByTime(90);
  expect(count).toBe(0);
  vi.advanceTimersByTime(30);
  expect(count).toBe(1);
});

test("a deadline can be brought forward, and disarmed", () => {
  const deadlines = new Deadlines();
  const expired: string[] = [];
  const a = new Deadline(() => expired.push("a"));
  const b = new Deadline(() => expired.push("b"));
  deadlines.arm(a, 10_000);
  deadlines.arm(a, 50);
  deadlines.arm(b, 50);
  deadlines.disarm(b);
  vi.advanceTimersByTime(100);
  expect(expired).toEqual(["a"]);
});

test("ten thousand deadlines share one timer", () => {
  const deadlines = new Deadlines();
  for (let i = 0; i < 10_000; i += 1) deadlines.arm(new Deadline(() => {}), 3_600_000);
  expect(vi.getTimerCount()).toBe(1);
});
