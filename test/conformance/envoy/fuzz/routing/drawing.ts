/** Words for drawing configurations: fields that are often left out, and lists that are often empty. */
import fc from "fast-check";

/** A piece of Envoy's configuration, as JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Undefined in all but one of so many drawings. */
export function oneIn<T>(count: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: count - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );
}

export const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  oneIn(3, arbitrary);

export const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  oneIn(8, arbitrary);

/** A list that is absent where it is empty. */
export function few<T>(arbitrary: fc.Arbitrary<T>, most = 2): fc.Arbitrary<T[] | undefined> {
  return sometimes(fc.array(arbitrary, { minLength: 1, maxLength: most }));
}

/** All or nothing: what is between would differ by chance. */
export const share: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  { numerator: 0 },
  { numerator: 100 },
  { numerator: 10_000, denominator: "TEN_THOUSAND" },
  { numerator: 1_000_000, denominator: "MILLION" },
  { numerator: 101 },
);

/** Without the fields that are undefined. */
export function record(fields: {
  readonly [key: string]: fc.Arbitrary<Json | undefined>;
}): fc.Arbitrary<JsonObject> {
  return fc.record(fields).map(compact);
}

export function compact(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
