/**
 * Values that steer the running proxy, in layers of which later ones win: static layers from the file, admin layers changed over
 * POST /runtime_modify. https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime
 */
import type { FractionalPercent, RuntimeFractionalPercent } from "../config/percent.ts";
import type { LayeredRuntime } from "../config/runtime.ts";

export type RuntimeValue = string | number | boolean | FractionalPercent;

interface Layer {
  readonly name: string;
  readonly values: Map<string, RuntimeValue>;
  readonly admin: boolean;
}

export const denominators: Readonly<Record<FractionalPercent["denominator"], number>> = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

export class Runtime {
  readonly layers: readonly Layer[];
  readonly #values = new Map<string, RuntimeValue>();

  constructor(config: LayeredRuntime | undefined) {
    const layers = config?.layers ?? [];
    // Without a layered_runtime Envoy has one admin layer.
    this.layers =
      layers.length === 0
        ? [{ name: "admin", values: new Map(), admin: true }]
        : layers.map((layer) => ({
            name: layer.name,
            values: flatten(layer.staticLayer ?? {}),
            admin: layer.adminLayer !== undefined,
          }));
    this.#merge();
  }

  get(key: string): RuntimeValue | undefined {
    return this.#values.get(key);
  }

  getNumber(key: string): number | undefined {
    const value = this.#values.get(key);
    if (typeof value === "number") return value;
    if (typeof value !== "string" || value.trim() === "") return undefined;
    const number = Number(value);
    return Number.isFinite(number) ? number : undefined;
  }

  /** The share the key sets, an integer counting as percent of 100; the fallback where the key is not set. */
  getFraction(key: string | undefined, fallback: FractionalPercent): FractionalPercent {
    if (key === undefined || key === "") return fallback;
    const value = this.#values.get(key);
    if (typeof value === "object") return value;
    const number = this.getNumber(key);
    return number === undefined ? fallback : { numerator: number, denominator: "HUNDRED" };
  }

  /** Whether a request that drew `random` (an integer) is inside the share. */
  isEnabled(percent: RuntimeFractionalPercent, random: number): boolean {
    return isInside(this.getFraction(percent.runtimeKey, percent.defaultValue), random);
  }

  /** Sets values in the last admin layer; an empty value takes the key out of it. Returns false when there is no admin layer. */
  modify(changes: Iterable<readonly [key: string, value: string]>): boolean {
    const admin = this.layers.findLast((layer) => layer.admin);
    if (admin === undefined) return false;
    for (const [key, value] of changes) {
      if (value === "") admin.values.delete(key);
      else admin.values.set(key, parseValue(value));
    }
    this.#merge();
    return true;
  }

  keys(): string[] {
    return [...this.#values.keys()].sort();
  }

  #merge(): void {
    this.#values.clear();
    for (const layer of this.layers)
      for (const [key, value] of layer.values) this.#values.set(key, value);
  }
}

export function isInside(percent: FractionalPercent, random: number): boolean {
  return random % denominators[percent.denominator] < percent.numerator;
}

function parseValue(text: string): RuntimeValue {
  if (text === "true") return true;
  if (text === "false") return false;
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}

/** Nested objects become dotted keys, but {numerator, denominator} is one value. */
function flatten(struct: Readonly<Record<string, unknown>>): Map<string, RuntimeValue> {
  const values = new Map<string, RuntimeValue>();
  const walk = (prefix: string, value: unknown): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const fields = value as Record<string, unknown>;
      if (typeof fields["numerator"] === "number") {
        values.set(prefix, {
          numerator: fields["numerator"],
          denominator: toDenominator(fields["denominator"]),
        });
        return;
      }
      for (const [key, inner] of Object.entries(fields))
        walk(prefix === "" ? key : `${prefix}.${key}`, inner);
      return;
    }
    if (typeof value === "number" || typeof value === "boolean") values.set(prefix, value);
    else if (typeof value === "string") values.set(prefix, parseValue(value));
  };
  walk("", struct);
  return values;
}

function toDenominator(value: unknown): FractionalPercent["denominator"] {
  return value === "TEN_THOUSAND" || value === "MILLION" ? value : "HUNDRED";
}

/** As /runtime prints it. */
export function formatRuntimeValue(value: RuntimeValue | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return `${value.numerator}/${denominators[value.denominator]}`;
}
