/** The smallest piece of JSON that still shows a difference. */
import type { Json } from "./drawing.ts";

/**
 * Leaves out whatever can be left out, outermost first; `differs` says whether the difference is still there. At most `maxTries` are
 * asked for, as each may start two proxies.
 */
export async function shrinkJson(
  value: Json,
  differs: (candidate: Json) => Promise<boolean>,
  maxTries: number,
): Promise<Json> {
  let smallest = value;
  let tries = 0;
  for (let changed = true; changed; ) {
    changed = false;
    const paths = removable(smallest, []);
    for (const path of paths) {
      if (tries >= maxTries) return smallest;
      const candidate = without(smallest, path);
      if (candidate === undefined) continue;
      tries++;
      if (!(await differs(candidate))) continue;
      smallest = candidate;
      changed = true;
    }
  }
  return smallest;
}

type Path = readonly (string | number)[];

/** Every field and every item, outermost first, those at the end of a list before those at its start. */
function removable(value: Json, at: Path): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()].reverse() : Object.keys(value);
  const own = keys.map((key) => [...at, key]);
  const deeper = keys.flatMap((key) =>
    removable((value as Record<string | number, Json>)[key] ?? null, [...at, key]),
  );
  return [...own, ...deeper].sort((a, b) => a.length - b.length);
}

/** Undefined: something on the way is gone already. */
function without(value: Json, [key, ...rest]: Path): Json | undefined {
  if (typeof value !== "object" || value === null || key === undefined) return undefined;
  const object = value as Record<string | number, Json>;
  if (!(key in object)) return undefined;
  if (rest.length === 0) {
    if (Array.isArray(value)) return value.filter((_, index) => index !== key);
    return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
  }
  const inner = without(object[key] ?? null, rest);
  if (inner === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? inner : item));
  return { ...object, [key]: inner };
}
