/**
 * What real Envoy 1.40.0 did with 284 configurations and requests, ours does too. With PROXY=real: the proof that the recordings and this rig
 * say the truth.
 */
import { expect, test } from "vitest";
import { loadCases } from "./rig/recorded-case.ts";
import { testRecordings } from "./rig/recorded-suite.ts";

const cases = loadCases(new URL("./cases/", import.meta.url));

test("all recorded cases are here", () => {
  expect(cases).toHaveLength(284);
});
testRecordings(cases, { slot: 0 });
