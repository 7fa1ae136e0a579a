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
    this.reserve(length);
    const { out, at } = this;
    if (length > SHORT) bytes.copy(out, at, start, end);
    else for (let i = 0; i < length; i++) out[at + i] = bytes[start + i] ?? 0;
    this.at = at + length;
  }

  putAll(bytes: Buffer): void {
    this.put(bytes, 0, bytes.length);
  }

  /** Two lower-case digits a byte. */
  putHex(bytes: Buffer, start: number, end: number): void {
    this.reserve((end - start) * 2);
    const { out } = this;
    for (let i = start; i < end; i++) {
      const value = bytes[i] ?? 0;
      out[this.at++] = digit(value >> 4);
      out[this.at++] = digit(value & 15);
    }
  }

  /** A whole number that is not negative, in decimal digits. */
  putNumber(value: number): void {
    const text = String(value);
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.out[this.at++] = text.charCodeAt(i);
  }

  end(): void {
    this.ends.push(this.at);
  }

  get spans(): EncodedSpans {
    return { bytes: this.out, starts: this.starts, ends: this.ends };
  }

  private reserve(more: number): void {
    if (this.at + more <= this.out.length) return;
    const larger = Buffer.allocUnsafeSlow(this.out.length * 2 + more);
    this.out.copy(larger, 0, 0, this.at);
    this.out = larger;
  }
}

function digit(value: number): number {
  return value < 10 ? 48 + value : 87 + value;
}
