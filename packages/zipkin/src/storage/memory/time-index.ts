import type { TraceRow, TraceTable } from "./trace-table.ts";

/** A place in the order: time first, trace id among equals. */
export interface TimeEntry {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly row: TraceRow;
}

/** Its entries are those from `start` to `end`. */
interface Chunk {
  times: Float64Array;
  rows: Uint32Array;
  start: number;
  end: number;
}

const FIRST_CAPACITY = 8;
/** Entries of one chunk. */
const MAX_ENTRIES = 512;
/** Bytes: 8 for the time, 4 for the row. */
const ENTRY_BYTES = 12;

/** A sorted set of (time, trace) in chunks: entries mostly come at the end and go at the beginning, any place is cheap. */
export class TimeIndex {
  private readonly chunks: Chunk[] = [];
  private readonly traces: TraceTable;
  private count = 0;

  constructor(traces: TraceTable) {
    this.traces = traces;
  }

  get size(): number {
    return this.count;
  }

  get bytes(): number {
    return this.count * ENTRY_BYTES;
  }

  /** False when it was there already. */
  insert(time: number, row: TraceRow): boolean {
    const at = Math.max(0, this.chunkBefore(time, row));
    const chunk = this.chunks[at] ?? this.addChunk(0);
    const position = this.position(chunk, time, row);
    if (position < chunk.end && this.compare(chunk, position, time, row) === 0) return false;
    this.insertAt(at, chunk, position, time, row);
    this.count++;
    return true;
  }

  delete(time: number, row: TraceRow): boolean {
    const at = this.chunkBefore(time, row);
    const chunk = this.chunks[at];
    if (chunk === undefined) return false;
    const position = this.position(chunk, time, row);
    if (position >= chunk.end || this.compare(chunk, position, time, row) !== 0) return false;
    take(chunk, position);
    this.count--;
    if (chunk.start === chunk.end) this.chunks.splice(at, 1);
    return true;
  }

  /** The oldest entry. */
  first(): TimeEntry | undefined {
    const chunk = this.chunks[0];
    if (chunk === undefined) return undefined;
    return { time: chunk.times[chunk.start] ?? 0, row: chunk.rows[chunk.start] ?? 0 };
  }

  /** Entries from `from` (inclusive) down to `to` (inclusive), newest first. Not safe across writes. */
  *descending(from: number, to: number): Generator<TimeEntry, void, undefined> {
    for (let at = this.lastChunkUpTo(from); at >= 0; at--) {
      const chunk = this.chunks[at];
      if (chunk === undefined) return;
      for (let i = this.endUpTo(chunk, from) - 1; i >= chunk.start; i--) {
        const time = chunk.times[i] ?? 0;
        if (time < to) return;
        yield { time, row: chunk.rows[i] ?? 0 };
      }
    }
  }

  private lastChunkUpTo(time: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.chunks[middle];
      if (chunk !== undefined && (chunk.times[chunk.start] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private endUpTo(chunk: Chunk, time: number): number {
    let low = chunk.start;
    let high = chunk.end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((chunk.times[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The last chunk whose first entry is not after (time, row); -1 when all are after. */
  private chunkBefore(time: number, row: TraceRow): number {
    let low = 0;
    let high = this.chunks.length;
    // Most belong to the last one or to the first.
    if (high > 0 && this.beginsUpTo(high - 1, time, row)) return high - 1;
    if (high > 1 && !this.beginsUpTo(1, time, row)) high = 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.beginsUpTo(middle, time, row)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private beginsUpTo(at: number, time: number, row: TraceRow): boolean {
    const chunk = this.chunks[at];
    return chunk !== undefined && this.compare(chunk, chunk.start, time, row) <= 0;
  }

  /** The first position in the chunk that is not before (time, row). */
  private position(chunk: Chunk, time: number, row: TraceRow): number {
    let low = chunk.start;
    let high = chunk.end;
    if (low < high) {
      if (this.compare(chunk, high - 1, time, row) < 0) return high;
      if (this.compare(chunk, low, time, row) >= 0) return low;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare(chunk, middle, time, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compare(chunk: Chunk, at: number, time: number, row: TraceRow): number {
    const byTime = (chunk.times[at] ?? 0) - time;
    if (byTime !== 0) return byTime;
    const other = chunk.rows[at] ?? 0;
    return other === row ? 0 : this.traces.compareIds(other, row);
  }

  private addChunk(at: number): Chunk {
    const chunk = {
      times: new Float64Array(FIRST_CAPACITY),
      rows: new Uint32Array(FIRST_CAPACITY),
      start: 0,
      end: 0,
    };
    this.chunks.splice(at, 0, chunk);
    return chunk;
  }

  private insertAt(at: number, chunk: Chunk, position: number, time: number, row: TraceRow): void {
    if (chunk.end - chunk.start < MAX_ENTRIES) {
      put(chunk, position, time, row);
      return;
    }
    // At the very end a new chunk is begun, so that entries in order leave full chunks behind.
    const tail = this.addChunk(at + 1);
    if (position === chunk.end && at + 2 === this.chunks.length) {
      put(tail, 0, time, row);
      return;
    }
    split(chunk, tail);
    if (position > chunk.end) put(tail, position - chunk.end, time, row);
    else put(chunk, position, time, row);
  }
}

function put(chunk: Chunk, position: number, time: number, row: TraceRow): void {
  const offset = position - chunk.start;
  if (chunk.end === chunk.times.length) makeRoom(chunk);
  const { times, rows, start, end } = chunk;
  const at = start + offset;
  if (at < end) {
    times.copyWithin(at + 1, at, end);
    rows.copyWithin(at + 1, at, end);
  }
  times[at] = time;
  rows[at] = row;
  chunk.end++;
}

function take(chunk: Chunk, position: number): void {
  if (position === chunk.start) {
    chunk.start++;
    return;
  }
  chunk.times.copyWithin(position, position + 1, chunk.end);
  chunk.rows.copyWithin(position, position + 1, chunk.end);
  chunk.end--;
}

/** The later half goes to the tail. */
function split(chunk: Chunk, tail: Chunk): void {
  const middle = (chunk.start + chunk.end) >> 1;
  fill(tail, chunk.times.length, chunk, middle);
  chunk.end = middle;
}

/** At the end: moves the entries to the beginning when at least half of the chunk is free. */
function makeRoom(chunk: Chunk): void {
  const { times, rows, start, end } = chunk;
  if (start * 2 < times.length) {
    fill(chunk, times.length * 2, chunk, start);
    return;
  }
  times.copyWithin(0, start, end);
  rows.copyWithin(0, start, end);
  chunk.start = 0;
  chunk.end = end - start;
}

/** Gives it what another one (or it itself) holds from there on. */
function fill(chunk: Chunk, capacity: number, { times, rows, end }: Chunk, from: number): void {
  chunk.times = new Float64Array(capacity);
  chunk.rows = new Uint32Array(capacity);
  chunk.times.set(times.subarray(from, end));
  chunk.rows.set(rows.subarray(from, end));
  chunk.start = 0;
  chunk.end = end - from;
}
