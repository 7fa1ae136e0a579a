import { DecodeError } from "../model/decode-error.ts";

const TWO_32 = 2 ** 32;

/** A cursor over a part of a body that never leaves it. Numbers of 64 bits are rounded beyond 2^53. */
export class ByteReader {
  at: number;
  readonly end: number;
  readonly bytes: Buffer;

  constructor(bytes: Buffer, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Steps over `length` bytes and tells where they begin. */
  take(length: number): number {
    if (length < 0 || length > this.end - this.at) {
      throw new DecodeError(`Truncated: length ${length} > bytes available ${this.left}`);
    }
    const start = this.at;
    this.at += length;
    return start;
  }

  /** A reader of just the next `length` bytes. */
  part(length: number): ByteReader {
    const start = this.take(length);
    return new ByteReader(this.bytes, start, start + length);
  }

  /** Whether those bytes come next. */
  isNext(expected: Uint8Array): boolean {
    if (expected.length > this.left) return false;
    for (let i = 0; i < expected.length; i++) {
      if (this.bytes[this.at + i] !== expected[i]) return false;
    }
    return true;
  }

  byte(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  int64(): number {
    const start = this.take(8);
    return this.bytes.readInt32BE(start) * TWO_32 + this.bytes.readUInt32BE(start + 4);
  }

  float64(): number {
    return this.bytes.readDoubleBE(this.take(8));
  }

  fixed64(): number {
    const start = this.take(8);
    return this.bytes.readInt32LE(start + 4) * TWO_32 + this.bytes.readUInt32LE(start);
  }

  double64(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  /** Protobuf's variable-length integer, signed 64 bits. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value >= 2 ** 63 ? value - 2 ** 64 : value;
      scale *= 128;
    }
    throw new DecodeError(`Malformed: varint longer than 10 bytes at offset ${this.at - 10}`);
  }

  text(length: number): string {
    const start = this.take(length);
    return this.bytes.toString("utf8", start, start + length);
  }

  hex(length: number): string {
    const start = this.take(length);
    return this.bytes.toString("hex", start, start + length);
  }
}
