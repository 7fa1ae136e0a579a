/** Clients and upstreams that take their time, break off or say odd things on HTTP/1: the proxy does with them what the real Envoy does. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { verdictOf } from "./compare.ts";
import { scenarios } from "./scenarios.ts";
import { type Side, startSide } from "./side.ts";

let real: Side;
let ours: Side;
beforeAll(async () => {
  [real, ours] = await Promise.all([startSide(realEnvoy()), startSide(ourProxy)]);
}, 180_000);
afterAll(() => Promise.all([real?.stop(), ours?.stop()]));

test.each(scenarios)("as in Envoy: $name", async (scenario) => {
  const [expected, verdict] = await Promise.all([
    verdictOf(real, scenario),
    verdictOf(ours, scenario),
  ]);
  expect(verdict).toEqual(expected);
});
