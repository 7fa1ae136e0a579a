/**
 * Records what the real Envoy makes of the cases that are defined here: `node record.ts [NAME...]` writes cases/NAME.json. Those files are
 * what services.test.ts holds ours against, without the binary.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { realEnvoy } from "../proxies.ts";
import { createPortAllocator } from "../rig/ports.ts";
import { type CaseFile, toCase } from "../rig/recorded-case.ts";
import { runCase } from "../rig/run-case.ts";
import { readable } from "./readable-messages.ts";
import { serviceCases } from "./service-cases.ts";

const folder = new URL("./cases/", import.meta.url);

async function record(file: CaseFile): Promise<void> {
  const { definition } = toCase(file);
  const ports = createPortAllocator(10);
  const outcome = await runCase(definition, {
    command: realEnvoy(),
    ports,
    expectedSpans: undefined,
  });
  const { collectorPosts: _posts, accessLog, ...recorded } = readable(outcome);
  if ((outcome.responses?.length ?? 0) === 0)
    throw new Error(`${file.name}: the proxy did not run`);
  const logged = file.envoyYaml.includes("access_log:") ? { accessLog } : {};
  writeFileSync(
    new URL(`${file.name}.json`, folder),
    `${JSON.stringify({ ...file, ...recorded, ...logged }, null, 1)}\n`,
  );
}

mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
for (const file of serviceCases) {
  if (wanted.length > 0 && !wanted.some((name) => file.name.startsWith(name))) continue;
  await record(file);
  process.stdout.write(`${file.name}\n`);
}
