/** Clients and upstreams that speak HTTP/2 frame by frame, well or badly: the proxy does with them what the real Envoy does. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { verdictOf, withoutReasons } from "./compare.ts";
import { knownDifferences } from "./known-differences.ts";
import { Http2Peer } from "./peer.ts";
import { downstreamScenarios, get } from "./scenarios-downstream.ts";
import { upstreamScenarios } from "./scenarios-upstream.ts";
import { type Side, startSide } from "./side.ts";

let real: Side;
let ours: Side;
beforeAll(async () => {
  [real, ours] = await Promise.all([startSide(realEnvoy()), startSide(ourProxy)]);
}, 180_000);
afterAll(() => Promise.all([real?.stop(), ours?.stop()]));

const scenarios = [...downstreamScenarios, ...upstreamScenarios];
const same = scenarios.filter(({ name }) => !knownDifferences.has(name));
const different = scenarios.filter(({ name }) => knownDifferences.has(name));

test.each(same)("as in Envoy: $name", async (scenario) => {
  const [expected, verdict] = await Promise.all([
    verdictOf(real, scenario),
    verdictOf(ours, scenario),
  ]);
  const client = withoutReasons(verdict.client, expected.client);
  expect({ ...verdict, client }).toEqual(expected);
});

test.each(different)("not as in Envoy, and none the worse: $name", async (scenario) => {
  await verdictOf(ours, scenario);
  const peer = await Http2Peer.greet(ours.ports.plain);
  peer.headers(1, get("/after"), true);
  expect(await peer.until("HEADERS 1 :status=200")).toBe(true);
  peer.destroy();
  await ours.log();
  ours.reset();
});
