import type { EncodedSpans } from "../model/encoded-spans.ts";

/** Bytes: shorter ranges are copied faster one by one. */
const SHORT = 24;
/** Bytes kept for the next body. */
const KEPT = 1 << 20;

let kept: Buffer = Buffer.alloc(0);

/** Encoded spans in the making. All writers share one buffer: what one has written goes with the next. */
export class SpanWriter {
  private out: Buffer;
  private at = 0;
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** `size` in bytes; it grows when that was too little. */
  constructor(size: number) {
    if (size > kept.length && size <= KEPT) kept = Buffer.allocUnsafeSlow(Math.min(size * 2, KEPT));
    this.out = size <= kept.length ? kept : Buffer.allocUnsafeSlow(size);
  }

  begin(): void {
    this.starts.push(this.at);
  }

  put(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.at + length > this.out.length) this.grow(length);
    const { out, at } = this;
    if (length > SHORT) bytes.copy(out, at, start, end);
    else for (let i = 0; i < length; i++) out[at + i] = bytes[start + i] ?? 0;
    this.at = at + length;
  }

  putAll(bytes: Buffer): void {
    this.put(bytes, 0, bytes.length);
  }

  end(): void {
    this.ends.push(this.at);
  }

  get spans(): EncodedSpans {
    return { bytes: this.out, starts: this.starts, ends: this.ends };
  }

  private grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(this.out.length * 2 + more);
    this.out.copy(larger, 0, 0, this.at);
    this.out = larger;
  }
}
