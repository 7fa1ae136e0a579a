/**
 * Random header rules, formats, logs, local replies and tags through real Envoy and ours: any difference fails, shrunk to the least
 * exchange that shows it. FUZZ_SEED (default 1) and FUZZ_CONFIGURATIONS (default 6, with 40 exchanges each) choose what is tried.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../../proxies.ts";
import { toYaml } from "../../rig/configuration-parts.ts";
import { createPortAllocator } from "../../rig/ports.ts";
import type { ProxyCommand } from "../../rig/proxy-process.ts";
import { comparable } from "./compare.ts";
import { bootstraps } from "./configuration.ts";
import { type Exchange, exchanges } from "./exchanges.ts";
import { openSession } from "./session.ts";
import { shrinkExchange } from "./shrink.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const numConfigurations = Number(process.env["FUZZ_CONFIGURATIONS"] ?? 6);
const exchangesEach = 40;
/** A difference that does not come again is one of timing. */
const repeats = 3;
const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 9);
const quickLogs =
  (command: ProxyCommand): ProxyCommand =>
  (config, args) =>
    command(config, [...args, "--file-flush-interval-msec", "2"]);
const envoy = quickLogs(realEnvoy());

const drawn = fc.sample(bootstraps, { seed, numRuns: numConfigurations });

test.each(drawn.map((bootstrap, at) => [at, toYaml(bootstrap)] as const))(
  "configuration %i: no exchange tells the two proxies apart",
  { timeout: 120_000 },
  async (at, yaml) => {
    const [real, ours] = await Promise.all([
      openSession(yaml, envoy, ports),
      openSession(yaml, quickLogs(ourProxy), ports),
    ]);
    const compare = async (several: readonly Exchange[]) => {
      const [expected, actual] = await Promise.all([real.run(several), ours.run(several)]);
      return several.map((exchange, i) => ({
        exchange,
        expected: comparable(yaml, exchange, expected[i] ?? { recordedPorts: {} }),
        actual: comparable(yaml, exchange, actual[i] ?? { recordedPorts: {} }),
      }));
    };
    const differs = async (exchange: Exchange) => {
      for (let time = 0; time < repeats; time++) {
        const [one] = await compare([exchange]);
        if (JSON.stringify(one?.expected) === JSON.stringify(one?.actual)) return false;
      }
      return true;
    };
    try {
      const tried = fc.sample(exchanges, { seed: seed * 1_000 + at, numRuns: exchangesEach });
      for (const { exchange, expected, actual } of await compare(tried)) {
        if (JSON.stringify(expected) === JSON.stringify(actual)) continue;
        if (!(await differs(exchange))) continue;
        const [least] = await compare([await shrinkExchange(exchange, differs)]);
        const shown = JSON.stringify({ exchange: least?.exchange, yaml });
        expect(least?.actual, shown).toEqual(least?.expected);
      }
    } finally {
      await Promise.all([real.close(), ours.close()]);
    }
  },
);
