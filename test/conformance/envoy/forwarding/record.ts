/**
 * Records what the real Envoy makes of the cases that are defined here: `node record.ts [NAME...]` writes cases/NAME.json. Those files are
 * what forwarding.test.ts holds ours against, without the binary.
 */
import { recordCases } from "../rig/record-cases.ts";
import { forwardingCases } from "./forwarding-cases.ts";

await recordCases(forwardingCases, {
  folder: new URL("./cases/", import.meta.url),
  slot: 11,
  wanted: process.argv.slice(2),
  kept: ({ collectorPosts: _posts, accessLog: _log, ...recorded }) => recorded,
});
