/**
 * Filters that speak to services of their own, and bridges between protocols, as real Envoy 1.40.0 has them: the recordings in cases/, made
 * by record.ts, against ours. PROXY=real runs the real binary instead.
 */
import { describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { normalise } from "../rig/normalise.ts";
import { createPortAllocator } from "../rig/ports.ts";
import { loadCases } from "../rig/recorded-case.ts";
import { runCase } from "../rig/run-case.ts";
import { readable } from "./readable-messages.ts";
import { serviceCases } from "./service-cases.ts";

const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 10);
const command = process.env["PROXY"] === "real" ? realEnvoy() : ourProxy;
const cases = loadCases(new URL("./cases/", import.meta.url));

test("every case has its recording", () => {
  expect(cases.map(({ definition }) => definition.name)).toEqual(
    serviceCases.map(({ name }) => name).toSorted(),
  );
});

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
