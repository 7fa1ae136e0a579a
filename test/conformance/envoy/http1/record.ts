/**
 * Records the HTTP/1 corpora of packages/envoy/goldens anew, from what is tried in them: `node record.ts`. With `--check` it writes nothing and
 * prints what would be different. New cases: add an object with what is tried (record-requests.ts and record-responses.ts say which fields
 * those are) and record.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recordRequests } from "./record-requests.ts";
import { recordResponses } from "./record-responses.ts";

const folder = new URL("../../../../packages/envoy/goldens/", import.meta.url);
const onlyChecks = process.argv.includes("--check");

let differences = 0;
await record("http1-corpus.json", recordRequests);
await record("http1-upstream-corpus.json", recordResponses);
if (onlyChecks && differences > 0) process.exitCode = 1;

async function record<Case extends { readonly name: string }>(
  file: string,
  recordAnew: (cases: readonly Case[]) => Promise<Case[]>,
): Promise<void> {
  const path = fileURLToPath(new URL(file, folder));
  const cases: Case[] = JSON.parse(readFileSync(path, "utf8"));
  const lines = (await recordAnew(cases)).map((one) => JSON.stringify(one));
  for (const [at, one] of cases.entries()) {
    if (JSON.stringify(one) === lines[at]) continue;
    differences += 1;
    console.log(`${one.name}\n- ${JSON.stringify(one)}\n+ ${lines[at]}`);
  }
  console.log(`${file}: ${cases.length} cases, ${differences} differences`);
  if (!onlyChecks) writeFileSync(path, `[\n${lines.join(",\n")}\n]\n`);
}
