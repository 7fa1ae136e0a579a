/**
 * Mirroring, circuit breakers, load balancing and the upstream's side of HTTP/2 as real Envoy 1.40.0 has them: the recordings in cases/, made
 * by record.ts, against ours.
 */
import { loadCases } from "../rig/recorded-case.ts";
import { testEachIsRecorded, testRecordings } from "../rig/recorded-suite.ts";
import { forwardingCases } from "./forwarding-cases.ts";

const cases = loadCases(new URL("./cases/", import.meta.url));

testEachIsRecorded(cases, forwardingCases);
testRecordings(cases, { slot: 9 });
