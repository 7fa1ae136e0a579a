/** The real Envoy and ours side by side on one configuration: the first difference, as small as it can be made. */
import type { PortAllocator } from "../../rig/ports.ts";
import { toEnvoyYaml } from "./configuration.ts";
import type { Json, JsonObject } from "./drawing.ts";
import type { Exchange } from "./requests.ts";
import { openSession, type Session, type Start } from "./session.ts";
import { shrinkJson } from "./shrink.ts";

export interface Difference {
  readonly configuration: Json;
  readonly exchange: Exchange;
  /** What the real Envoy made of it, and what ours did; statistics only where nothing else differs. */
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface Contest {
  readonly real: Start;
  readonly ours: Start;
  readonly ports: PortAllocator;
}

interface Pair<T = unknown> {
  readonly expected: T;
  readonly actual: T;
}

class Sides {
  readonly #real: Session;
  readonly #ours: Session;

  private constructor(real: Session, ours: Session) {
    this.#real = real;
    this.#ours = ours;
  }

  static async open(configuration: Json, contest: Contest): Promise<Sides> {
    const yaml = toEnvoyYaml(configuration as JsonObject);
    const [real, ours] = await Promise.allSettled([
      openSession(yaml, contest.real, contest.ports),
      openSession(yaml, contest.ours, contest.ports),
    ]);
    if (real.status === "fulfilled" && ours.status === "fulfilled")
      return new Sides(real.value, ours.value);
    for (const side of [real, ours]) if (side.status === "fulfilled") await side.value.close();
    throw new Error(
      [real, ours].flatMap((side) => (side.status === "rejected" ? [side.reason] : [])).join("\n"),
    );
  }

  async run(exchange: Exchange): Promise<Pair> {
    const [expected, actual] = await Promise.all([
      this.#real.run(exchange),
      this.#ours.run(exchange),
    ]);
    return { expected, actual };
  }

  /** Those that both keep. */
  async stats(): Promise<Pair<Stats>> {
    const [real, ours] = await Promise.all([this.#real.stats(), this.#ours.stats()]);
    return { expected: real, actual: ours };
  }

  async close(): Promise<void> {
    await Promise.all([this.#real.close(), this.#ours.close()]);
  }
}

export function differs({ expected, actual }: Pair): boolean {
  return JSON.stringify(expected) !== JSON.stringify(actual);
}

/** Undefined: no exchange tells the two apart, and neither do their statistics at the end. */
export async function findDifference(
  configuration: Json,
  exchanges: readonly Exchange[],
  contest: Contest,
  shrinkTries: number,
): Promise<Difference | undefined> {
  const sides = await Sides.open(configuration, contest);
  let found: Exchange | undefined;
  try {
    for (const exchange of exchanges) {
      if (!differs(await sides.run(exchange))) continue;
      // Once more: a machine that is too busy can make a client give up.
      if (!differs(await sides.run(exchange))) continue;
      found = (await shrinkJson(
        exchange as unknown as Json,
        (candidate) => stillDiffers(sides, candidate),
        shrinkTries,
      )) as unknown as Exchange;
      break;
    }
    if (found === undefined) {
      if (!differs(await sides.stats())) return undefined;
    }
  } finally {
    await sides.close();
  }
  if (found !== undefined) return shrinkConfiguration(configuration, found, contest, shrinkTries);
  return shrinkStatistics(configuration, exchanges, contest, shrinkTries);
}

/** What is left of an exchange may be none any more: a header without its value. */
async function stillDiffers(sides: Sides, candidate: Json): Promise<boolean> {
  const { request, upstream } = candidate as unknown as Partial<Exchange>;
  const lines = request?.headers ?? [];
  if (request === undefined || lines.some((line) => line.length !== 2)) return false;
  return differs(await sides.run({ request, upstream: upstream ?? [] }));
}

async function shrinkConfiguration(
  configuration: Json,
  exchange: Exchange,
  contest: Contest,
  maxTries: number,
): Promise<Difference> {
  const smallest = await shrinkJson(
    configuration,
    async (candidate) => {
      const found = await compareOnce(candidate, exchange, contest);
      return found !== undefined && differs(found.answers);
    },
    maxTries,
  );
  const least = (await compareOnce(smallest, exchange, contest))?.answers;
  return { configuration: smallest, exchange, ...(least ?? { expected: "?", actual: "?" }) };
}

/** Looks for one exchange after which the statistics differ. */
async function shrinkStatistics(
  configuration: Json,
  exchanges: readonly Exchange[],
  contest: Contest,
  maxTries: number,
): Promise<Difference | undefined> {
  const sides = await Sides.open(configuration, contest);
  let culprit: Exchange | undefined;
  let pair: Pair<Stats> | undefined;
  try {
    for (const exchange of exchanges) {
      await sides.run(exchange);
      pair = await sides.stats();
      if (!differs(pair)) continue;
      culprit = exchange;
      break;
    }
  } finally {
    await sides.close();
  }
  if (culprit === undefined || pair === undefined) return undefined;
  const exchange = culprit;
  const names = differentNames(pair);
  const smallest = await shrinkJson(
    configuration,
    async (candidate) => {
      const found = await compareOnce(candidate, exchange, contest);
      return (
        found !== undefined && differentNames(found.stats).some((name) => names.includes(name))
      );
    },
    maxTries,
  );
  const least = (await compareOnce(smallest, exchange, contest))?.stats;
  return { configuration: smallest, exchange, ...onlyDifferent(least ?? pair) };
}

/** Undefined: one of the two does not start with it. */
async function compareOnce(
  configuration: Json,
  exchange: Exchange,
  contest: Contest,
): Promise<{ readonly answers: Pair; readonly stats: Pair<Stats> } | undefined> {
  let sides: Sides;
  // Without it nothing is answered, which is a difference of no interest.
  if (!JSON.stringify(configuration).includes("router.v3.Router")) return undefined;
  try {
    sides = await Sides.open(configuration, contest);
  } catch {
    // Not a configuration, so not a smaller one.
    return undefined;
  }
  try {
    const answers = await sides.run(exchange);
    return { answers, stats: await sides.stats() };
  } finally {
    await sides.close();
  }
}

type Stats = Readonly<Record<string, number>>;

function differentNames({ expected, actual }: Pair<Stats>): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...names].filter((name) => expected[name] !== actual[name]);
}

function onlyDifferent(pair: Pair<Stats>): Pair<Stats> {
  const names = differentNames(pair);
  const pick = (side: Stats) => Object.fromEntries(names.map((name) => [name, side[name] ?? -1]));
  return { expected: pick(pair.expected), actual: pick(pair.actual) };
}
