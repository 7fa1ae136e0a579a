import type { EncodedSpans } from "../model/encoded-spans.ts";

/** Bytes: shorter ranges are copied faster one by one. */
const SHORT = 48;
/** Bytes kept for the next body. */
const KEPT = 1 << 20;
/** Numbers are written in two parts, each of which is a small integer. */
const TEN_8 = 1e8;

let kept: Buffer = Buffer.alloc(0);

/** By byte: its two lower-case digits. */
const hexPairs = Buffer.from(Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex"));

/** By byte: what stands for it in a JSON text; 0 for what cannot stand there as it is. */
const plain = Buffer.from(
  Array.from({ length: 256 }, (_, i) =>
    i >= 0x20 && i <= 126 && i !== 0x22 && i !== 0x5c ? i : 0,
  ),
);
const lowerCase = plain.map((letter) => (letter >= 65 && letter <= 90 ? letter + 32 : letter));

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

  end(): void {
    this.ends.push(this.at);
  }

  /** Takes back what was written since `begin`. */
  drop(): false {
    this.at = this.starts.pop() ?? 0;
    return false;
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

  /** A whole span. */
  putSpan(json: string): void {
    this.begin();
    this.putAll(Buffer.from(json));
    this.end();
  }

  /** False, with a part of it written, unless it is printable ASCII that stands in JSON as it is. */
  putText(bytes: Buffer, start: number, end: number): boolean {
    return this.putLetters(bytes, start, end, plain);
  }

  /** The same in lower case. */
  putLowerCase(bytes: Buffer, start: number, end: number): boolean {
    return this.putLetters(bytes, start, end, lowerCase);
  }

  private putLetters(bytes: Buffer, start: number, end: number, letters: Uint8Array): boolean {
    this.reserve(end - start);
    const { out } = this;
    let at = this.at;
    for (let i = start; i < end; i++) {
      const letter = letters[bytes[i] ?? 0] ?? 0;
      if (letter === 0) return false;
      out[at++] = letter;
    }
    this.at = at;
    return true;
  }

  /** Two lower-case digits a byte. */
  putHex(bytes: Buffer, start: number, end: number): void {
    this.reserve((end - start) * 2);
    const { out } = this;
    let at = this.at;
    for (let i = start; i < end; i++) {
      const pair = (bytes[i] ?? 0) * 2;
      out[at++] = hexPairs[pair] ?? 0;
      out[at++] = hexPairs[pair + 1] ?? 0;
    }
    this.at = at;
  }

  /** A safe integer that is not negative, in decimal digits. */
  putNumber(value: number): void {
    const high = Math.floor(value / TEN_8);
    if (high === 0) this.putDigits(value, digitsOf(value));
    else {
      this.putDigits(high, digitsOf(high));
      this.putDigits(value - high * TEN_8, 8);
    }
  }

  private putDigits(value: number, count: number): void {
    this.reserve(count);
    const { out, at } = this;
    let rest = value | 0;
    for (let i = at + count - 1; i >= at; i--) {
      const tenth = (rest / 10) | 0;
      out[i] = 48 + rest - tenth * 10;
      rest = tenth;
    }
    this.at = at + count;
  }

  get spans(): EncodedSpans {
    return { bytes: this.out, starts: this.starts, ends: this.ends };
  }

  private reserve(more: number): void {
    if (this.at + more > this.out.length) this.grow(more);
  }

  private grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(this.out.length * 2 + more);
    this.out.copy(larger, 0, 0, this.at);
    this.out = larger;
    if (larger.length <= KEPT) kept = larger;
  }
}

/** Of a number below 10^8. */
function digitsOf(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
