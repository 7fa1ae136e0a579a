import type { Getter, Setter } from "../carrier.ts";
import { EMPTY, type Extracted } from "../trace-context.ts";
import { B3_MULTI_FIELDS, extractB3Multi, injectB3Multi } from "./b3-multi.ts";
import { B3, parseB3Single, writeB3Single } from "./b3-single.ts";

/** How B3 goes out. Both at once is allowed: they then say the same. */
export type B3Format = "multi" | "single" | "both";

export const B3_FIELDS: readonly string[] = [B3, ...B3_MULTI_FIELDS];

/**
 * Reads B3 in either form: `b3` wins, a malformed or absent one falls back to `x-b3-*`.
 * Never throws; a malformed carrier reads as empty.
 */
export function extractB3<Carrier>(carrier: Carrier, get: Getter<Carrier>): Extracted {
  const single = get(carrier, B3);
  const parsed = single === undefined ? undefined : parseB3Single(single);
  return parsed ?? extractB3Multi(carrier, get) ?? EMPTY;
}

export function injectB3<Carrier>(
  extracted: Extracted,
  carrier: Carrier,
  set: Setter<Carrier>,
  format: B3Format = "multi",
): void {
  if (format !== "single") injectB3Multi(extracted, carrier, set);
  if (format === "multi") return;
  const value = writeB3Single(extracted);
  if (value !== undefined) set(carrier, B3, value);
}
