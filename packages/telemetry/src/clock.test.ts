import { expect, test } from "vitest";
import { createClock } from "./clock.ts";

/** Two clocks that tests set by hand. */
function clocks(wall: number, monotonic: number) {
  const at = { wall, monotonic };
  const clock = createClock({ wallMs: () => Math.floor(at.wall), monotonicMs: () => at.monotonic });
  return { at, clock };
}

test("counts parts of a millisecond", () => {
  const { at, clock } = clocks(1000, 5);
  expect(clock()).toBe(1000);
  at.wall += 0.25;
  at.monotonic += 0.25;
  expect(clock()).toBe(1000.25);
});

test("never leaves the wall clock's millisecond", () => {
  const { at, clock } = clocks(1000.9, 0);
  at.wall = 1003.1;
  at.monotonic = 2.2;
  expect(clock()).toBe(1003);
});

test("finds the wall clock again after a jump in either direction", () => {
  const { at, clock } = clocks(1000, 0);
  at.wall = 500_000;
  expect(clock()).toBe(500_000);
  at.wall = 2000;
  expect(clock()).toBeCloseTo(2000.999, 3);
});
