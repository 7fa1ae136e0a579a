/**
 * Random route configurations, and requests that aim at them, through real Envoy and ours: a difference in an answer, in what the services
 * saw or in the statistics fails, shrunk to the least exchange and the least configuration that show it.
 * FUZZ_SEED (default 1) and FUZZ_CONFIGURATIONS (default 12, with 60 requests each) choose what is tried.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEnvoy } from "../../proxies.ts";
import { createPortAllocator } from "../../rig/ports.ts";
import { findDifference } from "./compare.ts";
import { configurations } from "./configuration.ts";
import { exchangesFor } from "./requests.ts";
import { asProcess, inProcess } from "./session.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const numConfigurations = Number(process.env["FUZZ_CONFIGURATIONS"] ?? 12);
const requestsEach = 60;
/** Smaller candidates that are tried of each difference. */
const shrinkTries = 100;
const contest = {
  real: asProcess(realEnvoy()),
  ours: inProcess,
  ports: createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 10),
};

const drawn = fc.sample(configurations, { seed, numRuns: numConfigurations });

test.each(drawn.map((configuration, at) => [at, configuration] as const))(
  "configuration %i: no request tells the two proxies apart",
  { timeout: 240_000 },
  async (at, configuration) => {
    const exchanges = fc.sample(exchangesFor(configuration), {
      seed: seed * 1_000 + at,
      numRuns: requestsEach,
    });
    const found = await findDifference(configuration, exchanges, contest, shrinkTries);
    if (found === undefined) return;
    const { expected, actual, ...shown } = found;
    expect(actual, JSON.stringify(shown)).toEqual(expected);
    expect.unreachable(JSON.stringify(found));
  },
);
