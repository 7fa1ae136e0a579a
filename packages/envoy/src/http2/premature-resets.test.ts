import { expect, test } from "vitest";
import { PrematureResets } from "./premature-resets.ts";

test("half of the first 500 streams reset at once end the connection", () => {
  const resets = new PrematureResets();
  for (let i = 0; i < 249; i++) expect(resets.isAttack(true, performance.now())).toBe(false);
  expect(resets.isAttack(true, performance.now())).toBe(true);
});

test("streams that were answered, or reset late, count for the client", () => {
  const resets = new PrematureResets();
  for (let i = 0; i < 2_000; i++) {
    expect(resets.isAttack(false, performance.now())).toBe(false);
    expect(resets.isAttack(true, performance.now() - 2_000)).toBe(false);
  }
  for (let i = 0; i < 3_000; i++) expect(resets.isAttack(true, performance.now())).toBe(false);
});
