import type { Position } from "../problem.ts";
import { describe, read, report } from "./cursor.ts";
import type { Decoder, Field } from "./decoder.ts";
import { remember } from "./sites.ts";

export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

export interface ObjectOptions {
  /** Fields outside the list: `refuse` is for Istio's kinds, `ignore` for Kubernetes' own. */
  readonly unknown: "refuse" | "ignore";
  /** Fields that are refused by name, with what they stand for. */
  readonly unsupported?: Readonly<Record<string, string>>;
}

/** Decodes an object field by field; the places of the fields are kept for later messages. */
export function object<T extends object>(fields: Fields<T>, options: ObjectOptions): Decoder<T> {
  const known = fields as Readonly<Record<string, Field<unknown>>>;
  return (cursor) => {
    const value = read(cursor);
    if (value.kind === "absent" && !Object.values(known).some((field) => field.required)) {
      const empty = {} as T;
      remember(empty, cursor.at, new Map());
      return empty;
    }
    if (value.kind !== "object") return report(cursor, `${describe(value)} is not an object`);
    const decoded: Record<string, unknown> = {};
    const places = new Map<string, Position>();
    let complete = true;
    for (const { key, keyAt, value: item } of value.entries) {
      const field = Object.hasOwn(known, key) ? known[key] : undefined;
      if (field === undefined) {
        const what = options.unsupported?.[key];
        if (what !== undefined) report({ ...item, at: keyAt }, `not supported: ${what}`);
        else if (options.unknown === "refuse") {
          const allowed = Object.keys(known).join(", ");
          report({ ...item, at: keyAt }, `unknown field, allowed are ${allowed}`);
        }
        continue;
      }
      if (read(item).kind === "absent") continue;
      const result = field.decode(item);
      if (result === undefined) complete = false;
      else decoded[key] = result;
      places.set(key, item.at);
    }
    for (const [key, field] of Object.entries(known)) {
      if (!field.required || places.has(key)) continue;
      report(cursor, `${key} is missing`);
      complete = false;
    }
    remember(decoded, cursor.at, places);
    return complete ? (decoded as T) : undefined;
  };
}
