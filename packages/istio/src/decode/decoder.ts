import type { Position } from "../problem.ts";
import { type Cursor, describe, read, report } from "./cursor.ts";
import { remember } from "./sites.ts";

/** Reads one value. `undefined` means that a problem was reported. */
export type Decoder<T> = (cursor: Cursor) => T | undefined;

export interface Field<T> {
  readonly decode: Decoder<T>;
  readonly required: boolean;
}

export function required<T>(decode: Decoder<T>): Field<T> {
  return { decode, required: true };
}

export function optional<T>(decode: Decoder<T>): Field<T> {
  return { decode, required: false };
}

export const string: Decoder<string> = (cursor) => {
  const value = read(cursor);
  if (value.kind === "scalar" && typeof value.value === "string") return value.value;
  return report(cursor, `${describe(value)} is not a string`);
};

/** A string where YAML may have seen a number or a boolean: label values, `env`, int-or-string. */
export const text: Decoder<string> = (cursor) => {
  const value = read(cursor);
  if (value.kind === "scalar") return String(value.value);
  return report(cursor, `${describe(value)} is not a string`);
};

export const boolean: Decoder<boolean> = (cursor) => {
  const value = read(cursor);
  if (value.kind === "scalar" && typeof value.value === "boolean") return value.value;
  return report(cursor, `${describe(value)} is not true or false`);
};

export const number: Decoder<number> = (cursor) => {
  const value = read(cursor);
  if (value.kind === "scalar" && typeof value.value === "number" && Number.isFinite(value.value)) {
    return value.value;
  }
  return report(cursor, `${describe(value)} is not a number`);
};

export const integer: Decoder<number> = (cursor) => {
  const value = read(cursor);
  if (value.kind === "scalar" && Number.isSafeInteger(value.value)) return value.value as number;
  return report(cursor, `${describe(value)} is not a whole number`);
};

export function oneOf<const T extends string>(...allowed: readonly T[]): Decoder<T> {
  return (cursor) => {
    const value = read(cursor);
    const found =
      value.kind === "scalar" ? allowed.find((item) => item === value.value) : undefined;
    return found ?? report(cursor, `${describe(value)} is not one of ${allowed.join(", ")}`);
  };
}

export function list<T>(decode: Decoder<T>): Decoder<readonly T[]> {
  return (cursor) => {
    const value = read(cursor);
    if (value.kind === "absent") return [];
    if (value.kind !== "list") return report(cursor, `${describe(value)} is not a list`);
    const items: T[] = [];
    const places = new Map<string, Position>();
    for (const item of value.items) {
      const decoded = decode(item);
      if (decoded === undefined) continue;
      places.set(String(items.length), item.at);
      items.push(decoded);
    }
    remember(items, cursor.at, places);
    return items;
  };
}

/** A map with names of the user's choice: labels, annotations, header matches. */
export function record<T>(decode: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (cursor) => {
    const value = read(cursor);
    if (value.kind === "absent") return {};
    if (value.kind !== "object") return report(cursor, `${describe(value)} is not an object`);
    const entries: [string, T][] = [];
    const places = new Map<string, Position>();
    for (const { key, keyAt, value: item } of value.entries) {
      const decoded = decode(item);
      if (decoded === undefined) continue;
      entries.push([key, decoded]);
      places.set(key, keyAt);
    }
    const decoded: Record<string, T> = Object.fromEntries(entries);
    remember(decoded, cursor.at, places);
    return decoded;
  };
}

/** Accepts whatever stands there: parts of Kubernetes objects that mean nothing to a proxy. */
export const ignored: Decoder<true> = () => true;

/** Istio has it, this renderer does not: refused by name, so that nobody believes it to be in force. */
export function unsupported(what: string): Decoder<never> {
  return (cursor) => report(cursor, `not supported: ${what}`);
}

export function decodeWith<A, B>(
  decode: Decoder<A>,
  then: (value: A, cursor: Cursor) => B | undefined,
): Decoder<B> {
  return (cursor) => {
    const value = decode(cursor);
    return value === undefined ? undefined : then(value, cursor);
  };
}
