/** Writes proto3 messages. https://protobuf.dev/programming-guides/encoding/ */
export class ProtobufWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialBytes = 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** A copy of what was written; the writer starts afresh. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  string(field: number, value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#tag(field, 2);
    this.#varint(bytes);
    this.#reserve(bytes);
    this.#buffer.write(value, this.#length, bytes, "utf8");
    this.#length += bytes;
  }

  /** Bytes given as hex digits. */
  hexBytes(field: number, hex: string): void {
    const bytes = hex.length / 2;
    this.#tag(field, 2);
    this.#varint(bytes);
    this.#reserve(bytes);
    this.#buffer.write(hex, this.#length, bytes, "hex");
    this.#length += bytes;
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** A non-negative integer below 2^53; also enums and booleans. */
  uint(field: number, value: number): void {
    this.#tag(field, 0);
    this.#varint(value);
  }

  /** The only negative number anybody needs; int32 has ten bytes for it. */
  minusOne(field: number): void {
    this.#tag(field, 0);
    this.#reserve(10);
    this.#buffer.fill(0xff, this.#length, this.#length + 9);
    this.#buffer[this.#length + 9] = 1;
    this.#length += 10;
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, 5);
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  /** `value * factor`, exact up to 64 bits although the product may be above 2^53: microseconds times 1000 are nanoseconds. */
  fixed64(field: number, value: number, factor = 1): void {
    const low = (value % 0x1_0000_0000) * factor;
    const high = Math.floor(value / 0x1_0000_0000) * factor + Math.floor(low / 0x1_0000_0000);
    this.#tag(field, 1);
    this.#reserve(8);
    this.#length = this.#buffer.writeUInt32LE(low % 0x1_0000_0000, this.#length);
    this.#length = this.#buffer.writeUInt32LE(high, this.#length);
  }

  /** Starts a nested message; give the result to `end`. */
  begin(field: number): number {
    this.#tag(field, 2);
    this.#reserve(1);
    this.#length += 1;
    return this.#length;
  }

  /** One byte was set aside for the length; a longer length moves the message. */
  end(start: number): void {
    const size = this.#length - start;
    let lengthBytes = 1;
    for (let rest = size; rest > 0x7f; rest = Math.floor(rest / 128)) lengthBytes += 1;
    const extra = lengthBytes - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#buffer.copyWithin(start + extra, start, this.#length);
    }
    this.#length = start - 1;
    this.#varint(size);
    this.#length += size;
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
