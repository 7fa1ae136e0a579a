import type { TraceRow, TraceTable } from "./trace-table.ts";

/** A place in the order: time first, trace id among equals. */
export interface TimeEntry {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly row: TraceRow;
}

interface Chunk {
  times: Float64Array;
  rows: Uint32Array;
  size: number;
}

const FIRST_CAPACITY = 8;
const MAX_CAPACITY = 512;
/** Bytes: 8 for the time, 4 for the row. */
const ENTRY_BYTES = 12;

/** A sorted set of (time, trace) in chunks: entries mostly arrive at the end, any place is cheap. */
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
    if (position < chunk.size && this.compare(chunk, position, time, row) === 0) return false;
    this.insertAt(at, chunk, position, time, row);
    this.count++;
    return true;
  }

  delete(time: number, row: TraceRow): boolean {
    const at = this.chunkBefore(time, row);
    const chunk = this.chunks[at];
    if (chunk === undefined) return false;
    const position = this.position(chunk, time, row);
    if (position >= chunk.size || this.compare(chunk, position, time, row) !== 0) return false;
    chunk.times.copyWithin(position, position + 1, chunk.size);
    chunk.rows.copyWithin(position, position + 1, chunk.size);
    chunk.size--;
    this.count--;
    if (chunk.size === 0) this.chunks.splice(at, 1);
    return true;
  }

  /** The oldest entry. */
  first(): TimeEntry | undefined {
    const chunk = this.chunks[0];
    if (chunk === undefined) return undefined;
    return { time: chunk.times[0] ?? 0, row: chunk.rows[0] ?? 0 };
  }

  /** Entries from `from` (inclusive) down to `to` (inclusive), newest first. Not safe across writes. */
  *descending(from: number, to: number): Generator<TimeEntry, void, undefined> {
    for (let at = this.lastChunkUpTo(from); at >= 0; at--) {
      const chunk = this.chunks[at];
      if (chunk === undefined) return;
      for (let i = this.sizeUpTo(chunk, from) - 1; i >= 0; i--) {
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
      if ((this.chunks[middle]?.times[0] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private sizeUpTo(chunk: Chunk, time: number): number {
    let low = 0;
    let high = chunk.size;
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
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.chunks[middle];
      if (chunk !== undefined && this.compare(chunk, 0, time, row) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The first position in the chunk that is not before (time, row). */
  private position(chunk: Chunk, time: number, row: TraceRow): number {
    let low = 0;
    let high = chunk.size;
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
      size: 0,
    };
    this.chunks.splice(at, 0, chunk);
    return chunk;
  }

  private insertAt(at: number, chunk: Chunk, position: number, time: number, row: TraceRow): void {
    if (chunk.size === MAX_CAPACITY) {
      // At the very end a new chunk is begun, so that entries in order leave full chunks behind.
      const tail = this.addChunk(at + 1);
      if (position === chunk.size && at + 2 === this.chunks.length) {
        put(tail, 0, time, row);
        return;
      }
      split(chunk, tail);
      if (position > chunk.size) put(tail, position - chunk.size, time, row);
      else put(chunk, position, time, row);
      return;
    }
    put(chunk, position, time, row);
  }
}

function put(chunk: Chunk, position: number, time: number, row: TraceRow): void {
  if (chunk.size === chunk.times.length) resize(chunk, Math.min(chunk.size * 2, MAX_CAPACITY));
  if (position < chunk.size) {
    chunk.times.copyWithin(position + 1, position, chunk.size);
    chunk.rows.copyWithin(position + 1, position, chunk.size);
  }
  chunk.times[position] = time;
  chunk.rows[position] = row;
  chunk.size++;
}

function split(chunk: Chunk, tail: Chunk): void {
  const half = chunk.size >> 1;
  resize(tail, chunk.times.length);
  tail.times.set(chunk.times.subarray(half, chunk.size));
  tail.rows.set(chunk.rows.subarray(half, chunk.size));
  tail.size = chunk.size - half;
  chunk.size = half;
}

function resize(chunk: Chunk, capacity: number): void {
  const { times, rows } = chunk;
  chunk.times = new Float64Array(capacity);
  chunk.rows = new Uint32Array(capacity);
  chunk.times.set(times.subarray(0, chunk.size));
  chunk.rows.set(rows.subarray(0, chunk.size));
}
