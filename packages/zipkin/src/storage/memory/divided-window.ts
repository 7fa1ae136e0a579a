import { type LinkCounts, PERIOD_MS } from "./link-counts.ts";

/** A window of time, as link-counts.ts can add it up. Milliseconds; ends are included. */
export interface DividedWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** Numbers of the periods whose traces lie in it, each one whole; none when `last` is before `first`. */
  readonly first: number;
  readonly last: number;
  /** What is left of it before and after those. */
  readonly edges: readonly (readonly [fromMs: number, toMs: number])[];
}

export function dividedByPeriods(
  linkCounts: LinkCounts,
  fromMs: number,
  toMs: number,
): DividedWindow {
  let first = Math.ceil(fromMs / PERIOD_MS);
  let last = Math.floor((toMs + 1) / PERIOD_MS) - 1;
  if (linkCounts.isWithin(first - 1, fromMs, toMs)) first--;
  if (linkCounts.isWithin(last + 1, fromMs, toMs)) last++;
  const edges: [number, number][] =
    last < first
      ? [[fromMs, toMs]]
      : [
          [fromMs, first * PERIOD_MS - 1],
          [(last + 1) * PERIOD_MS, toMs],
        ];
  return { fromMs, toMs, first, last, edges: edges.filter(([from, to]) => from <= to) };
}
