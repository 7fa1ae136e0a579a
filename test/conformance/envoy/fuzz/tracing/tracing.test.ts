/**
 * Random configurations and requests through real Envoy and ours: any difference fails, shrunk to the least request that shows it.
 * FUZZ_SEED (default 1) and FUZZ_CONFIGURATIONS (default 40, with 50 requests each) choose what is tried.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../../proxies.ts";
import { normalise } from "../../rig/normalise.ts";
import { createPortAllocator } from "../../rig/ports.ts";
import type { CaseRequest } from "../../rig/recorded-case.ts";
import { drawnCase } from "../drawn-case.ts";
import { configurations, toEnvoyYaml } from "./configuration.ts";
import { fuzzedRequests } from "./requests.ts";
import { openSession } from "./session.ts";
import { shrink } from "./shrink.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const numConfigurations = Number(process.env["FUZZ_CONFIGURATIONS"] ?? 40);
const requestsEach = 50;
const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 9);
const command = realEnvoy();

const drawn = fc.sample(configurations, { seed, numRuns: numConfigurations });

test.each(drawn.map((configuration, at) => [at, configuration] as const))(
  "configuration %i: no request tells the two proxies apart",
  { timeout: 120_000 },
  async (at, configuration) => {
    const yaml = toEnvoyYaml(configuration);
    const [real, ours] = await Promise.all([
      openSession(yaml, command, ports),
      openSession(yaml, ourProxy, ports),
    ]);
    const compare = async (request: CaseRequest) => {
      const definition = drawnCase(yaml, request);
      const [expected, actual] = await Promise.all([real.run(request), ours.run(request)]);
      const options = { strictOrder: true };
      return {
        expected: normalise(definition, expected, options),
        actual: normalise(definition, actual, options),
      };
    };
    const differs = async (request: CaseRequest) => {
      const { expected, actual } = await compare(request);
      return JSON.stringify(expected) !== JSON.stringify(actual);
    };
    try {
      for (const request of fc.sample(fuzzedRequests, {
        seed: seed * 1_000 + at,
        numRuns: requestsEach,
      })) {
        if (!(await differs(request))) continue;
        const least = await shrink(request, differs);
        const { expected, actual } = await compare(least);
        expect(actual, JSON.stringify({ request: least, configuration })).toEqual(expected);
      }
    } finally {
      await Promise.all([real.close(), ours.close()]);
    }
  },
);
