import type { TraceRow, TraceTable } from "./trace-table.ts";

/** Milliseconds. Traces that lie within one such period are counted there together. */
export const PERIOD_MS = 60_000;

/** In `home` of a trace that no period holds whole; those in periods have the period's number plus 1, new rows 0. */
const SPREAD = 0xffffffff;

interface Period {
  /** How many traces have each set of links (link-sets.ts). */
  readonly counts: Map<number, number>;
  /** Traces whose links were not known when they came. Some may be known by now, or gone. */
  readonly unknown: TraceRow[];
  /** Traces in it. */
  size: number;
  /** Milliseconds: no trace in it reaches beyond these, nor did one that is gone. */
  oldest: number;
  newest: number;
}

/** Adds up the links of whole periods without a look at their traces. */
export class LinkCounts {
  /** Traces that reach from one period into another: the few that have to be asked one by one. */
  readonly spread: Set<TraceRow> = new Set();
  private readonly periods = new Map<number, Period>();
  private readonly traces: TraceTable;
  private held = 0;

  constructor(traces: TraceTable) {
    this.traces = traces;
  }

  get bytes(): number {
    return this.held * 8 + this.periods.size * 256 + this.spread.size * 16;
  }

  /** After spans were added: the trace may have moved. Its links are unknown. */
  place(row: TraceRow): void {
    const home = this.homeOf(row);
    if (this.traces.home[row] === home) {
      this.widen(this.periods.get(home - 1), row);
      return;
    }
    this.remove(row);
    this.traces.home[row] = home;
    if (home === SPREAD) {
      this.spread.add(row);
      return;
    }
    let period = this.periods.get(home - 1);
    if (period === undefined) {
      period = { counts: new Map(), unknown: [], size: 0, oldest: Infinity, newest: 0 };
      this.periods.set(home - 1, period);
    }
    period.size++;
    this.widen(period, row);
    this.hold(period, row);
  }

  /** Before the trace's set of links is given up. */
  forget(row: TraceRow): void {
    const period = this.periodOf(row);
    if (period === undefined || !this.isKnown(row)) return;
    this.count(period, row, -1);
    this.hold(period, row);
  }

  /** After the trace's set of links was worked out. */
  learn(row: TraceRow): void {
    const period = this.periodOf(row);
    if (period !== undefined) this.count(period, row, 1);
  }

  /** Before the row is given up. */
  remove(row: TraceRow): void {
    const period = this.periodOf(row);
    if (period !== undefined) {
      if (this.isKnown(row)) this.count(period, row, -1);
      period.size--;
      if (period.size === 0) this.drop((this.traces.home[row] ?? 0) - 1, period);
    } else this.spread.delete(row);
    this.traces.home[row] = 0;
  }

  /** Whether all traces of the period lie in that window. */
  isWithin(number: number, fromMs: number, toMs: number): boolean {
    const period = this.periods.get(number);
    return period === undefined || (period.oldest >= fromMs && period.newest <= toMs);
  }

  isSpread(row: TraceRow): boolean {
    return this.traces.home[row] === SPREAD;
  }

  /** Traces of those periods that `sum` does not count yet: each has to be learned before the next is asked for. */
  *unknown(from: number, to: number): Generator<TraceRow, void, undefined> {
    for (const [number, period] of this.within(from, to)) {
      for (let row = period.unknown.pop(); row !== undefined; row = period.unknown.pop()) {
        this.held--;
        if (this.traces.home[row] === number + 1 && !this.isKnown(row)) yield row;
      }
    }
  }

  /** How many traces of the periods `from` to `to` (both included) have each set of links. */
  *sum(
    from: number,
    to: number,
  ): Generator<readonly [set: number, traces: number], void, undefined> {
    for (const [, period] of this.within(from, to)) yield* period.counts;
  }

  private *within(from: number, to: number): Generator<[number, Period], void, undefined> {
    for (const entry of this.periods) if (entry[0] >= from && entry[0] <= to) yield entry;
  }

  private widen(period: Period | undefined, row: TraceRow): void {
    if (period === undefined) return;
    period.oldest = Math.min(period.oldest, this.traces.oldest[row] ?? 0);
    period.newest = Math.max(period.newest, this.traces.newest[row] ?? 0);
  }

  private homeOf(row: TraceRow): number {
    const first = Math.floor((this.traces.oldest[row] ?? 0) / PERIOD_MS);
    const last = Math.floor((this.traces.newest[row] ?? 0) / PERIOD_MS);
    return first === last && first >= 0 && first < SPREAD - 1 ? first + 1 : SPREAD;
  }

  private periodOf(row: TraceRow): Period | undefined {
    return this.periods.get((this.traces.home[row] ?? 0) - 1);
  }

  private isKnown(row: TraceRow): boolean {
    return this.traces.linkSet[row] !== 0;
  }

  private count(period: Period, row: TraceRow, change: 1 | -1): void {
    const set = this.traces.linkSet[row] ?? 0;
    const traces = (period.counts.get(set) ?? 0) + change;
    if (traces === 0) period.counts.delete(set);
    else period.counts.set(set, traces);
  }

  private hold(period: Period, row: TraceRow): void {
    period.unknown.push(row);
    this.held++;
  }

  private drop(number: number, period: Period): void {
    this.held -= period.unknown.length;
    this.periods.delete(number);
  }
}
