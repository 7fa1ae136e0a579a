import type { TraceRow } from "./trace-table.ts";

/** A set of rows, one bit each: row numbers are small and dense. */
export class RowSet {
  private words: Uint32Array = new Uint32Array(64);

  has(row: TraceRow): boolean {
    return ((this.words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;
  }

  add(row: TraceRow): void {
    const at = row >>> 5;
    if (at >= this.words.length) this.grow(at + 1);
    this.words[at] = (this.words[at] ?? 0) | (1 << (row & 31));
  }

  private grow(length: number): void {
    const words = new Uint32Array(Math.max(length, this.words.length * 2));
    words.set(this.words);
    this.words = words;
  }
}
