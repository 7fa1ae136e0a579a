import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("full at first, then as much as time brings, never more than it holds", () => {
  const bucket = new TokenBucket({ maxTokens: 2, tokensPerFill: 2, fillIntervalMs: 5000 }, 0);
  const take = (...times: number[]): boolean[] => times.map((now) => bucket.take(now));
  expect(take(0, 0, 0)).toEqual([true, true, false]);
  expect(take(1000, 2499, 2500, 2500)).toEqual([false, false, true, false]);
  expect(take(60_000, 60_000, 60_000)).toEqual([true, true, false]);
});

test("one that holds nothing gives nothing", () => {
  expect(new TokenBucket({ maxTokens: 0, fillIntervalMs: 50 }, 0).take(1e9)).toBe(false);
});
