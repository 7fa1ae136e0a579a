/**
 * Records what the real Envoy makes of the cases that are defined here: `node record.ts [NAME...]` writes cases/NAME.json. Those files are
 * what services.test.ts holds ours against, without the binary.
 */
import { recordCases } from "../rig/record-cases.ts";
import { readable } from "./readable-messages.ts";
import { serviceCases } from "./service-cases.ts";

await recordCases(serviceCases, {
  folder: new URL("./cases/", import.meta.url),
  slot: 10,
  wanted: process.argv.slice(2),
  kept: (outcome, { name, envoyYaml }) => {
    if ((outcome.responses?.length ?? 0) === 0) throw new Error(`${name}: the proxy did not run`);
    const { collectorPosts: _posts, accessLog, ...recorded } = readable(outcome);
    return { ...recorded, ...(envoyYaml.includes("access_log:") && { accessLog }) };
  },
});
