/**
 * The same cases with both proxies side by side, so that nothing rests on the recordings alone. Slow, therefore on demand:
 * LIVE=1 npm run test:conformance -- live
 */
import { describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "./proxies.ts";
import { normalise } from "./rig/normalise.ts";
import { createPortAllocator } from "./rig/ports.ts";
import { loadCases } from "./rig/recorded-case.ts";
import { runCase } from "./rig/run-case.ts";

describe.runIf(process.env["LIVE"] === "1").concurrent("side by side with the real binary", () => {
  const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 6);
  const command = process.env["LIVE"] === "1" ? realEnvoy() : ourProxy;
  const cases = loadCases(new URL("./cases/", import.meta.url));
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
