import { randomBytes } from "node:crypto";

/** A trace's row number. Rows are reused after eviction. */
export type TraceRow = number;

/** Words of 32 bits in a trace's signature; see signature.ts. */
export const SIGNATURE_WORDS = 8;

const NONE = 0xffffffff;

/**
 * One row a trace, in columns; found by the right 64 bits of the trace id through an open-addressing
 * hash with a random seed, so that chosen ids cannot make it slow.
 */
export class TraceTable {
  /** Right 64 bits of the id in two halves, and the left 64 bits of the first span seen. */
  idHigh: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  idLow: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  upperHigh: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  upperLow: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  /** Spans are a chain in order of arrival. */
  first: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  last: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  spanCount: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  /** Milliseconds; a span without timestamp counts as 0. */
  oldest: Float64Array<ArrayBuffer> = new Float64Array(1024);
  newest: Float64Array<ArrayBuffer> = new Float64Array(1024);
  /** Microseconds: the longest span. */
  longest: Float64Array<ArrayBuffer> = new Float64Array(1024);
  serviceSet: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  flags: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  /** See link-sets.ts. */
  linkSet: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  /** See link-counts.ts. */
  home: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  signature: Uint32Array<ArrayBuffer> = new Uint32Array(1024 * SIGNATURE_WORDS);

  private capacity = 1024;
  private used = 0;
  private readonly freeRows: TraceRow[] = [];
  private buckets: Uint32Array = new Uint32Array(2048).fill(NONE);
  /** Of the row in each bucket: most questions need no look at the columns, which are far away. */
  private hashes: Uint32Array = new Uint32Array(2048);
  private readonly seed = randomBytes(4).readUInt32LE(0);

  /** Traces held. */
  get size(): number {
    return this.used - this.freeRows.length;
  }

  /** Bytes of all columns and of the hash. */
  get bytes(): number {
    return this.capacity * (11 * 4 + 3 * 8 + 1 + SIGNATURE_WORDS * 4) + this.buckets.byteLength * 2;
  }

  find(idHigh: number, idLow: number): TraceRow | undefined {
    const mask = this.buckets.length - 1;
    const hash = this.hash(idHigh, idLow);
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const row = this.buckets[i];
      if (row === undefined || row === NONE) return undefined;
      if (this.hashes[i] !== hash) continue;
      if (this.idLow[row] === idLow && this.idHigh[row] === idHigh) return row;
    }
  }

  /** A fresh row with all columns zero but the id. */
  add(idHigh: number, idLow: number): TraceRow {
    const row = this.freeRows.pop() ?? this.used++;
    if (row >= this.capacity) this.grow();
    if (this.size * 2 > this.buckets.length) this.rehash(this.buckets.length * 2);
    this.clear(row);
    this.idHigh[row] = idHigh;
    this.idLow[row] = idLow;
    this.place(row);
    return row;
  }

  remove(row: TraceRow): void {
    const { buckets, hashes } = this;
    const mask = buckets.length - 1;
    let hole = this.hash(this.idHigh[row] ?? 0, this.idLow[row] ?? 0) & mask;
    while (buckets[hole] !== row) hole = (hole + 1) & mask;
    // Close the gap, so that no tombstones are needed: move back what could not be reached otherwise.
    for (let i = (hole + 1) & mask; buckets[i] !== NONE; i = (i + 1) & mask) {
      const home = (hashes[i] ?? 0) & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        buckets[hole] = buckets[i] ?? NONE;
        hashes[hole] = hashes[i] ?? 0;
        hole = i;
      }
    }
    buckets[hole] = NONE;
    this.freeRows.push(row);
  }

  /** Order of the ids of two rows. */
  compareIds(left: TraceRow, right: TraceRow): number {
    const high = (this.idHigh[left] ?? 0) - (this.idHigh[right] ?? 0);
    return high !== 0 ? high : (this.idLow[left] ?? 0) - (this.idLow[right] ?? 0);
  }

  private clear(row: TraceRow): void {
    this.upperHigh[row] = 0;
    this.upperLow[row] = 0;
    this.first[row] = 0;
    this.last[row] = 0;
    this.spanCount[row] = 0;
    this.oldest[row] = 0;
    this.newest[row] = 0;
    this.longest[row] = 0;
    this.serviceSet[row] = 0;
    this.flags[row] = 0;
    this.linkSet[row] = 0;
    this.home[row] = 0;
    this.signature.fill(0, row * SIGNATURE_WORDS, (row + 1) * SIGNATURE_WORDS);
  }

  private hash(high: number, low: number): number {
    let h = Math.imul(high ^ this.seed, 0x85ebca6b) ^ Math.imul(low, 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 15), 0x27d4eb2f);
    return (h ^ (h >>> 13)) >>> 0;
  }

  private place(row: TraceRow): void {
    const mask = this.buckets.length - 1;
    const hash = this.hash(this.idHigh[row] ?? 0, this.idLow[row] ?? 0);
    let i = hash & mask;
    while (this.buckets[i] !== NONE) i = (i + 1) & mask;
    this.buckets[i] = row;
    this.hashes[i] = hash;
  }

  private rehash(length: number): void {
    const rows = this.buckets.filter((row) => row !== NONE);
    this.buckets = new Uint32Array(length).fill(NONE);
    this.hashes = new Uint32Array(length);
    for (const row of rows) this.place(row);
  }

  private grow(): void {
    const capacity = Math.ceil(this.capacity * 1.5);
    this.idHigh = grown(this.idHigh, capacity);
    this.idLow = grown(this.idLow, capacity);
    this.upperHigh = grown(this.upperHigh, capacity);
    this.upperLow = grown(this.upperLow, capacity);
    this.first = grown(this.first, capacity);
    this.last = grown(this.last, capacity);
    this.spanCount = grown(this.spanCount, capacity);
    this.oldest = grownFloat(this.oldest, capacity);
    this.newest = grownFloat(this.newest, capacity);
    this.longest = grownFloat(this.longest, capacity);
    this.serviceSet = grown(this.serviceSet, capacity);
    this.linkSet = grown(this.linkSet, capacity);
    this.home = grown(this.home, capacity);
    this.signature = grown(this.signature, capacity * SIGNATURE_WORDS);
    const flags = new Uint8Array(capacity);
    flags.set(this.flags);
    this.flags = flags;
    this.capacity = capacity;
  }
}

function grown(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(length);
  result.set(column);
  return result;
}

function grownFloat(column: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(length);
  result.set(column);
  return result;
}
