/**
 * What real Envoy 1.40.0 did with 284 configurations and requests, ours does too; header order included.
 * PROXY=real runs the real binary instead: the proof that the recordings and this rig say the truth.
 */
import { describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "./proxies.ts";
import { normalise } from "./rig/normalise.ts";
import { createPortAllocator } from "./rig/ports.ts";
import { loadCases } from "./rig/recorded-case.ts";
import { runCase } from "./rig/run-case.ts";

const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0));
const command = process.env["PROXY"] === "real" ? realEnvoy() : ourProxy;
const cases = loadCases(new URL("./cases/", import.meta.url));

test("all recorded cases are here", () => {
  expect(cases).toHaveLength(284);
});

describe.concurrent("as real Envoy 1.40.0", () => {
  test.each(cases.map((one) => [one.definition.name, one] as const))(
    "%s",
    { timeout: 60_000 },
    async (_name, { definition, recorded }) => {
      const expectedSpans = recorded.spans?.length ?? 0;
      const outcome = await runCase(definition, { command, ports, expectedSpans });
      const options = { strictOrder: true };
      expect(normalise(definition, outcome, options)).toEqual(
        normalise(definition, recorded, options),
      );
    },
  );
});
