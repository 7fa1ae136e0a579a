/**
 * Random spans and random questions through the real Zipkin and ours: any difference fails, shrunk to the least that shows it.
 * FUZZ_SEED (default 1) chooses what is tried, FUZZ_RUNS (default 1) how many times as much.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { posts } from "./posts.ts";
import { queries } from "./queries.ts";
import { type Environment, type Server, startOurs, startReal } from "./servers.ts";
import { type Difference, type Plan, Session } from "./session.ts";
import { createWorlds } from "./world.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const times = Number(process.env["FUZZ_RUNS"] ?? 1);

const TIME_LIMIT_MS = 100_000;

interface Profile {
  readonly env: Environment;
  /** Ours with each of these; the real one always keeps its spans in memory. */
  readonly stores: readonly Environment[];
  readonly numRuns: number;
}

const mem = {};
const sqlite = { STORAGE_TYPE: "sqlite", SQLITE_FILE: ":memory:" };

const profiles: Readonly<Record<string, Profile>> = {
  default: { env: { AUTOCOMPLETE_KEYS: "env,region" }, stores: [mem, sqlite], numRuns: 140 },
  lenient: { env: { STRICT_TRACE_ID: "false" }, stores: [mem, sqlite], numRuns: 70 },
  nosearch: {
    env: {
      SEARCH_ENABLED: "false",
      AUTOCOMPLETE_KEYS: "region,env",
      COLLECTOR_SAMPLE_RATE: "0.5",
    },
    stores: [mem, sqlite],
    numRuns: 30,
  },
  // Holds fewer spans than a few worlds have: most are evicted while others come.
  small: {
    env: { MEM_MAX_SPANS: "60", AUTOCOMPLETE_KEYS: "env" },
    stores: [mem, sqlite],
    numRuns: 70,
  },
};

const plans: fc.Arbitrary<Plan> = fc.record({
  posts: fc.array(posts, { minLength: 1, maxLength: 4 }),
  repeats: fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
  queries: fc.array(queries, { maxLength: 40 }),
});

/** All at once: what takes its time is their start. */
const reals = new Map<string, Promise<Server>>();
beforeAll(async () => {
  for (const [name, { env }] of Object.entries(profiles)) reals.set(name, startReal(env));
  await Promise.all(reals.values());
}, 180_000);
afterAll(async () => {
  const started = await Promise.allSettled(reals.values());
  await Promise.all(started.map(async (real) => real.status === "fulfilled" && real.value.close()));
});

describe.each(Object.entries(profiles))("%s", (name, { env, stores, numRuns }) => {
  test("nothing posted or asked tells the two apart", { timeout: 600_000 }, async () => {
    const real = await reals.get(name);
    if (real === undefined) throw new Error(`no real server of profile ${name}`);
    const ours = await Promise.all(stores.map((store) => startOurs({ ...env, ...store })));
    const session = new Session(real, ours);
    const nextWorld = createWorlds(Date.now());
    const property = fc.asyncProperty(plans, async (plan) => {
      const differences = await session.run(plan, nextWorld());
      const told = differences.slice(0, 3).map(describeOne).join("\n");
      if (told !== "") throw new Error(told);
    });
    try {
      await fc.assert(property, {
        seed,
        numRuns: numRuns * times,
        // What is found by then is shrunk enough.
        interruptAfterTimeLimit: TIME_LIMIT_MS * times,
        markInterruptAsFailure: true,
      });
    } finally {
      for (const server of ours) await server.close();
    }
  });
});

function describeOne({ request, real, ours }: Difference): string {
  return `${request}\n  real ${JSON.stringify(real)}\n  ours ${JSON.stringify(ours)}`;
}
