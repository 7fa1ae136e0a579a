/**
 * Filters that speak to services of their own, and bridges between protocols, as real Envoy 1.40.0 has them: the recordings in cases/, made
 * by record.ts, against ours.
 */
import { loadCases } from "../rig/recorded-case.ts";
import { testEachIsRecorded, testRecordings } from "../rig/recorded-suite.ts";
import { readable } from "./readable-messages.ts";
import { serviceCases } from "./service-cases.ts";

const cases = loadCases(new URL("./cases/", import.meta.url));

testEachIsRecorded(cases, serviceCases);
testRecordings(cases, { slot: 10, readable });
