/** The recorded cases with real Envoy and ours side by side, so that nothing rests on the recordings alone: npm run test:live. */
import { describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../../conformance/envoy/proxies.ts";
import { normalise } from "../../conformance/envoy/rig/normalise.ts";
import { createPortAllocator } from "../../conformance/envoy/rig/ports.ts";
import { loadCases } from "../../conformance/envoy/rig/recorded-case.ts";
import { runCase } from "../../conformance/envoy/rig/run-case.ts";

const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 6);
const command = realEnvoy();
const cases = loadCases(new URL("../../conformance/envoy/cases/", import.meta.url));

describe.concurrent("side by side with the real binary", () => {
  test.each(cases.map((one) => [one.definition.name, one.definition] as const))(
    "%s",
    { timeout: 90_000 },
    async (_name, definition) => {
      const real = await runCase(definition, { command, ports, expectedSpans: undefined });
      const expectedSpans = real.spans?.length ?? 0;
      const ours = await runCase(definition, { command: ourProxy, ports, expectedSpans });
      const options = { strictOrder: true };
      expect(normalise(definition, ours, options)).toEqual(normalise(definition, real, options));
    },
  );
});
