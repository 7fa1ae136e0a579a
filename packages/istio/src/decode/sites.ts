import type { Position } from "../problem.ts";

/**
 * Where decoded values stand in their file. Kept beside the values, so that resources stay plain data and a check made long
 * after decoding can still point at the line.
 */
interface Site {
  readonly at: Position;
  readonly fields: ReadonlyMap<string, Position>;
}

const sites = new WeakMap<object, Site>();
const nowhere: Position = { file: "", line: 1, column: 1 };

export function remember(value: object, at: Position, fields: ReadonlyMap<string, Position>): void {
  sites.set(value, { at, fields });
}

/** The place of an object or list, or of one of its fields or items where that was written. */
export function siteOf(value: object, field?: string | number): Position {
  const site = sites.get(value);
  if (site === undefined) return nowhere;
  return (field === undefined ? undefined : site.fields.get(String(field))) ?? site.at;
}

/** Gives a value made from another one the other's place. */
export function copySite<T extends object>(value: T, from: object): T {
  const site = sites.get(from);
  if (site !== undefined) sites.set(value, site);
  return value;
}
