/**
 * Random format strings, right and wrong, wherever one may stand: real Envoy and ours take the same ones and refuse the others in the same
 * words. FUZZ_SEED (default 1) and FUZZ_FORMATS (default 400) choose what is tried.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../../proxies.ts";
import { createPortAllocator } from "../../rig/ports.ts";
import { maybeBroken } from "./broken-formats.ts";
import { type Place, places, verdicts, type Written } from "./verdicts.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const numRuns = Number(process.env["FUZZ_FORMATS"] ?? 400);
const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 9);

const written: fc.Arbitrary<Written> = fc.record({
  place: fc.constantFrom(...(Object.keys(places) as Place[])),
  text: maybeBroken,
});

test("format strings are taken, or refused in the same words", { timeout: 120_000 }, async () => {
  const tried = fc.sample(written, { seed, numRuns });
  const [expected, actual] = await Promise.all([
    verdicts(tried, realEnvoy(), ports),
    verdicts(tried, ourProxy, ports),
  ]);
  const named = (said: readonly string[]) => tried.map((one, at) => ({ ...one, said: said[at] }));
  expect(named(actual)).toEqual(named(expected));
  // Both kinds were among them.
  expect(expected).toContain("ok");
  expect(new Set(expected).size).toBeGreaterThan(10);
});
