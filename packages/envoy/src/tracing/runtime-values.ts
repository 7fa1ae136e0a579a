/** Runtime keys as tracing reads them. https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime */
import type { FractionalPercent } from "../config/percent.ts";

export interface RuntimeValues {
  /** The value of a key as the topmost layer has it: a number, or a FractionalPercent as a plain object. */
  get(key: string): unknown;
}

const denominators = { HUNDRED: 100, TEN_THOUSAND: 10_000, MILLION: 1_000_000 } as const;

export function runtimeInteger(runtime: RuntimeValues, key: string, fallback: number): number {
  const value = runtime.get(key);
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : fallback;
}

/**
 * Whether a feature is on for a value drawn at random (or out of the request id). An integer in the runtime is a percentage of 100
 * whatever the configured share's denominator.
 */
export function featureEnabled(
  runtime: RuntimeValues,
  key: string,
  configured: FractionalPercent,
  random: number,
): boolean {
  const { numerator, denominator } = readFraction(runtime.get(key)) ?? configured;
  return random % denominators[denominator] < numerator;
}

function readFraction(value: unknown): FractionalPercent | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0)
    return { numerator: value, denominator: "HUNDRED" };
  if (typeof value === "string" && /^\d+$/.test(value))
    return { numerator: Number(value), denominator: "HUNDRED" };
  if (typeof value !== "object" || value === null) return undefined;
  const { numerator = 0, denominator = "HUNDRED" } = value as Record<string, unknown>;
  if (typeof numerator !== "number" || !isDenominator(denominator)) return undefined;
  return { numerator, denominator };
}

function isDenominator(value: unknown): value is FractionalPercent["denominator"] {
  return typeof value === "string" && Object.hasOwn(denominators, value);
}
