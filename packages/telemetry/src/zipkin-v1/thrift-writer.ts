/** The part of thrift's TBinaryProtocol that a span needs. https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md */

export const thriftType = {
  stop: 0,
  bool: 2,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  list: 15,
} as const;
type ThriftType = (typeof thriftType)[keyof typeof thriftType];

/** Big-endian, grows as needed. */
export class ThriftWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  fieldHeader(type: ThriftType, id: number): void {
    this.#reserve(3);
    this.#length = this.#buffer.writeUInt8(type, this.#length);
    this.#length = this.#buffer.writeInt16BE(id, this.#length);
  }

  listHeader(elementType: ThriftType, size: number): void {
    this.#reserve(5);
    this.#length = this.#buffer.writeUInt8(elementType, this.#length);
    this.#length = this.#buffer.writeInt32BE(size, this.#length);
  }

  stop(): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(thriftType.stop, this.#length);
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value ? 1 : 0, this.#length);
  }

  i16(value: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeInt16BE((value << 16) >> 16, this.#length);
  }

  i32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32BE(value | 0, this.#length);
  }

  i64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigInt64BE(BigInt.asIntN(64, value), this.#length);
  }

  /** UTF-8 text or raw bytes, with its length in front. */
  string(value: string | Uint8Array): void {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    this.i32(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
