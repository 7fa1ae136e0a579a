/** Cases and what the real Envoy made of them: ours does the same, header order included. PROXY=real runs the real binary instead. */
import { describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { normalise } from "./normalise.ts";
import { createPortAllocator } from "./ports.ts";
import type { CaseFile, Outcome, RecordedCase } from "./recorded-case.ts";
import { runCase } from "./run-case.ts";

export interface RecordedSuiteOptions {
  /** Keeps the ports of suites that run at the same time apart. */
  readonly slot: number;
  /** What the recordings were made readable with. */
  readonly readable?: (outcome: Outcome) => Outcome;
}

export function testRecordings(
  cases: readonly RecordedCase[],
  { slot, readable = (outcome) => outcome }: RecordedSuiteOptions,
): void {
  const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + slot);
  const command = process.env["PROXY"] === "real" ? realEnvoy() : ourProxy;
  describe.concurrent("as real Envoy 1.40.0", () => {
    test.each(cases.map((one) => [one.definition.name, one] as const))(
      "%s",
      { timeout: 60_000 },
      async (_name, { definition, recorded }) => {
        const expectedSpans = recorded.spans?.length ?? 0;
        const outcome = readable(await runCase(definition, { command, ports, expectedSpans }));
        const options = { strictOrder: true };
        expect(normalise(definition, outcome, options)).toEqual(
          normalise(definition, recorded, options),
        );
      },
    );
  });
}

export function testEachIsRecorded(
  cases: readonly RecordedCase[],
  defined: readonly CaseFile[],
): void {
  test("every case has its recording", () => {
    expect(cases.map(({ definition }) => definition.name)).toEqual(
      defined.map(({ name }) => name).toSorted(),
    );
  });
}
