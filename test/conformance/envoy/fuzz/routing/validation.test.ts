/**
 * Valid configurations with one thing changed: `--mode validate` of real Envoy and ours accept and refuse the same ones. Ours may refuse
 * by name what it does not support. FUZZ_SEED (default 1) and FUZZ_MUTATIONS (default 40) choose what is tried.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { realEnvoy } from "../../proxies.ts";
import { toYaml } from "../../rig/configuration-parts.ts";
import { configurations, toBootstrap } from "./configuration.ts";
import { mutationsOf } from "./mutations.ts";
import { disagree, verdictOfEnvoy, verdictOfOurs, writeConfiguration } from "./verdicts.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const numMutations = Number(process.env["FUZZ_MUTATIONS"] ?? 40);
const command = realEnvoy();
const folder = mkdtempSync(join(tmpdir(), "envoy-validation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mutations = configurations.chain((manager) => mutationsOf(toBootstrap(manager)));
const drawn = fc.sample(mutations, { seed, numRuns: numMutations });

test.concurrent.each(drawn.map((mutation, at) => [at, mutation] as const))(
  "mutation %i: the two validations agree",
  { timeout: 60_000 },
  async (at, { what, mutated }) => {
    const path = join(folder, `${at}.yaml`);
    writeConfiguration(path, toYaml(mutated));
    const [real, ours] = await Promise.all([verdictOfEnvoy(command, path), verdictOfOurs(path)]);
    const told = `${what}\nreal: ${real.words}\nours: ${ours.words}`;
    expect(disagree(real, ours), told).toBe(false);
  },
);
