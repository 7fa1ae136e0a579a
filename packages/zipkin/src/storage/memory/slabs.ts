import { readParentId, readSpanId, readTraceId } from "../../model/encoded-spans.ts";

/**
 * Where the spans themselves live: outside the garbage-collected heap, each one a head of numbers
 * followed by its JSON text, ready to be sent. An address counts units of 8 bytes; 0 means none.
 */
export type SpanAddress = number;

/** The numbers kept beside a span's text. */
export interface SpanHead {
  trace: number;
  endpoint: number;
  remote: number;
  name: number;
  flags: number;
  /** Equal spans have equal checks; unequal ones hardly ever. */
  check: number;
  /** Microseconds; 0 when absent. */
  timestamp: number;
  duration: number;
}

export function createHead(): SpanHead {
  const none = { trace: 0, endpoint: 0, remote: 0, name: 0, flags: 0, check: 0 };
  return { ...none, timestamp: 0, duration: 0 };
}

/** Index of each 32-bit field in the head; two 64-bit times follow. */
export const field = {
  next: 0,
  trace: 1,
  length: 2,
  endpoint: 3,
  remote: 4,
  name: 5,
  flags: 6,
  check: 7,
} as const;

const HEAD_BYTES = 48;
const SLAB_BYTES = 1 << 20;
/** Units of 8 bytes in a slab: 2^17, so an address splits by shift and mask. */
const SLAB_SHIFT = 17;
const UNIT_MASK = (1 << SLAB_SHIFT) - 1;
/** In the `trace` field of a span that was freed. */
const FREED = -1;
/** Emptied slabs kept for reuse, so that a full store does not churn memory. */
const SPARE_SLABS = 4;

interface Slab {
  readonly bytes: Buffer;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  /** Next free byte. */
  end: number;
  /** Bytes of spans not yet freed. */
  live: number;
}

export class Slabs {
  private readonly slabs: (Slab | undefined)[] = [undefined];
  private readonly freeIndexes: number[] = [];
  private readonly spares: Slab[] = [];
  private current = 0;
  private reservedBytes = 0;
  private liveBytes = 0;

  /** Bytes in use by spans. */
  get live(): number {
    return this.liveBytes;
  }

  /** Keeps a copy of the JSON from `from` to `to`. */
  add(json: Buffer, from: number, to: number, span: SpanHead): SpanAddress {
    const length = to - from;
    let slab = this.slabs[this.current];
    if (slab === undefined || slab.bytes.length - slab.end < padded(length)) {
      slab = this.nextSlab(padded(length), slab);
    }
    const start = slab.end;
    json.copy(slab.bytes, start + HEAD_BYTES, from, to);
    this.take(slab, length);
    const at = start >> 2;
    const i32 = slab.i32;
    i32[at] = 0;
    i32[at + field.trace] = span.trace;
    i32[at + field.length] = length;
    i32[at + field.endpoint] = span.endpoint;
    i32[at + field.remote] = span.remote;
    i32[at + field.name] = span.name;
    i32[at + field.flags] = span.flags;
    i32[at + field.check] = span.check;
    slab.f64[(start >> 3) + 4] = span.timestamp;
    slab.f64[(start >> 3) + 5] = span.duration;
    return (this.current << SLAB_SHIFT) + (start >> 3);
  }

  /** Gives the span's bytes back; a slab without live spans becomes free as a whole. */
  free(address: SpanAddress): void {
    const index = address >>> SLAB_SHIFT;
    const slab = this.slab(address);
    const total = padded(this.length(address));
    this.write(address, field.trace, FREED);
    slab.live -= total;
    this.liveBytes -= total;
    if (slab.live === 0 && index !== this.current) this.release(index, slab);
  }

  read(address: SpanAddress, name: number): number {
    return this.slab(address).i32[((address & UNIT_MASK) << 1) + name] ?? 0;
  }

  write(address: SpanAddress, name: number, value: number): void {
    this.slab(address).i32[((address & UNIT_MASK) << 1) + name] = value;
  }

  timestamp(address: SpanAddress): number {
    return this.slab(address).f64[(address & UNIT_MASK) + 4] ?? 0;
  }

  duration(address: SpanAddress): number {
    return this.slab(address).f64[(address & UNIT_MASK) + 5] ?? 0;
  }

  traceId(address: SpanAddress): string {
    return readTraceId(this.slab(address).bytes, this.start(address));
  }

  spanId(address: SpanAddress): string {
    return readSpanId(this.slab(address).bytes, this.start(address));
  }

  /** Of a span that has one. */
  parentId(address: SpanAddress): string {
    return readParentId(this.slab(address).bytes, this.start(address));
  }

  /** The span's JSON: a view, good only until the next write to the store. */
  json(address: SpanAddress): Buffer {
    const start = this.start(address);
    return this.slab(address).bytes.subarray(start, start + this.length(address));
  }

  /** Bytes of its JSON. */
  length(address: SpanAddress): number {
    return this.read(address, field.length);
  }

  /** Writes its JSON to `out` from `at` on; gives the bytes written. */
  copyJson(address: SpanAddress, out: Buffer, at: number): number {
    const start = this.start(address);
    return this.slab(address).bytes.copy(out, at, start, start + this.length(address));
  }

  isSame(address: SpanAddress, json: Buffer, from: number, to: number): boolean {
    const { bytes } = this.slab(address);
    const start = this.start(address);
    const end = start + this.length(address);
    return end - start === to - from && bytes.compare(json, from, to, start, end) === 0;
  }

  jsonText(address: SpanAddress): string {
    const start = this.start(address);
    const end = start + this.length(address);
    return this.slab(address).bytes.toString("utf8", start, end);
  }

  /** The slab to empty by moving its spans, when more than half of all that is reserved is holes. */
  sparsest(): number | undefined {
    if (this.reservedBytes < 16 * SLAB_BYTES || this.liveBytes * 2 > this.reservedBytes) return;
    let best: number | undefined;
    let bestShare = 1;
    this.slabs.forEach((slab, index) => {
      if (slab === undefined || index === this.current) return;
      const share = slab.live / slab.bytes.length;
      if (share < bestShare) {
        best = index;
        bestShare = share;
      }
    });
    return best;
  }

  /** Addresses of the live spans in a slab. */
  liveSpans(index: number): SpanAddress[] {
    const slab = this.slabs[index];
    if (slab === undefined) return [];
    const found: SpanAddress[] = [];
    for (let start = 0; start < slab.end; ) {
      const at = start >> 2;
      if (slab.i32[at + field.trace] !== FREED) found.push((index << SLAB_SHIFT) + (start >> 3));
      start += padded(slab.i32[at + field.length] ?? 0);
    }
    return found;
  }

  /** Copies a span to the newest slab; the caller repairs what points to it. */
  move(address: SpanAddress): SpanAddress {
    const from = this.slab(address);
    const start = (address & UNIT_MASK) * 8;
    const length = this.length(address);
    let slab = this.slabs[this.current];
    if (slab === undefined || slab.bytes.length - slab.end < padded(length)) {
      slab = this.nextSlab(padded(length), slab);
    }
    const to = slab.end;
    from.bytes.copy(slab.bytes, to, start, start + HEAD_BYTES + length);
    this.take(slab, length);
    this.free(address);
    return (this.current << SLAB_SHIFT) + (to >> 3);
  }

  /** Where the JSON begins in its slab. */
  private start(address: SpanAddress): number {
    return (address & UNIT_MASK) * 8 + HEAD_BYTES;
  }

  private take(slab: Slab, length: number): void {
    const total = padded(length);
    slab.end += total;
    slab.live += total;
    this.liveBytes += total;
  }

  private slab(address: SpanAddress): Slab {
    const slab = this.slabs[address >>> SLAB_SHIFT];
    if (slab === undefined) throw new Error(`no span at address ${address}`);
    return slab;
  }

  private nextSlab(bytes: number, full: Slab | undefined): Slab {
    if (full !== undefined && full.live === 0) this.release(this.current, full);
    const size = Math.max(SLAB_BYTES, (bytes + 7) & ~7);
    const slab = (size === SLAB_BYTES ? this.spares.pop() : undefined) ?? this.allocate(size);
    this.current = this.freeIndexes.pop() ?? this.slabs.length;
    this.slabs[this.current] = slab;
    return slab;
  }

  private allocate(size: number): Slab {
    const bytes = Buffer.allocUnsafeSlow(size);
    this.reservedBytes += size;
    return {
      bytes,
      i32: new Int32Array(bytes.buffer, 0, size >> 2),
      f64: new Float64Array(bytes.buffer, 0, size >> 3),
      end: 0,
      live: 0,
    };
  }

  private release(index: number, slab: Slab): void {
    this.slabs[index] = undefined;
    this.freeIndexes.push(index);
    if (slab.bytes.length === SLAB_BYTES && this.spares.length < SPARE_SLABS) {
      slab.end = 0;
      this.spares.push(slab);
    } else this.reservedBytes -= slab.bytes.length;
  }
}

/** Bytes a span takes with its head, rounded up to whole units. */
function padded(length: number): number {
  return (HEAD_BYTES + length + 7) & ~7;
}
