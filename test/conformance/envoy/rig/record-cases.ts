/** Records what the real Envoy makes of cases, one file each, for a suite that holds ours against it without the binary. */
import { mkdirSync, writeFileSync } from "node:fs";
import { realEnvoy } from "../proxies.ts";
import { createPortAllocator } from "./ports.ts";
import { type CaseFile, type Outcome, toCase } from "./recorded-case.ts";
import { runCase } from "./run-case.ts";

export interface Recording {
  /** Where the files go. */
  readonly folder: URL;
  /** Keeps the ports of recordings that run at the same time apart. */
  readonly slot: number;
  /** Names, or beginnings of them; none: all cases. */
  readonly wanted: readonly string[];
  /** What is written of an outcome. */
  readonly kept: (outcome: Outcome, file: CaseFile) => object;
}

export async function recordCases(cases: readonly CaseFile[], recording: Recording): Promise<void> {
  const { folder, slot, wanted, kept } = recording;
  mkdirSync(folder, { recursive: true });
  for (const file of cases) {
    if (wanted.length > 0 && !wanted.some((name) => file.name.startsWith(name))) continue;
    const outcome = await runCase(toCase(file).definition, {
      command: realEnvoy(),
      ports: createPortAllocator(slot),
      expectedSpans: undefined,
    });
    const text = JSON.stringify({ ...file, ...kept(outcome, file) }, null, 1);
    writeFileSync(new URL(`${file.name}.json`, folder), `${text}\n`);
    process.stdout.write(`${file.name}\n`);
  }
}
