/** Bytes of protobuf messages and of Thrift's binary protocol, right or wrong: whatever is asked for. */

export function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}

export const proto = {
  varint: (field: number, value: bigint | number): Buffer =>
    Buffer.concat([varint(field * 8), varint(value)]),
  fixed64: (field: number, value: bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    return Buffer.concat([varint(field * 8 + 1), bytes]);
  },
  bytes: (field: number, value: Buffer | string): Buffer => {
    const bytes = Buffer.from(value);
    return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
  },
};

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value & 0xffff);
  return bytes;
}
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}
function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
}
function head(type: number, field: number): Buffer {
  return Buffer.concat([Buffer.from([type]), int16(field)]);
}
function sized(bytes: Buffer): Buffer {
  return Buffer.concat([int32(bytes.length), bytes]);
}

export const thrift = {
  bool: (field: number, value: number): Buffer =>
    Buffer.concat([head(2, field), Buffer.from([value])]),
  i16: (field: number, value: number): Buffer => Buffer.concat([head(6, field), int16(value)]),
  i32: (field: number, value: number): Buffer => Buffer.concat([head(8, field), int32(value)]),
  i64: (field: number, value: bigint): Buffer => Buffer.concat([head(10, field), int64(value)]),
  double: (field: number, value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([head(4, field), bytes]);
  },
  string: (field: number, value: Buffer | string): Buffer =>
    Buffer.concat([head(11, field), sized(Buffer.from(value))]),
  struct: (field: number, fields: readonly Buffer[]): Buffer =>
    Buffer.concat([head(12, field), struct(fields)]),
  structs: (field: number, items: readonly (readonly Buffer[])[]): Buffer =>
    Buffer.concat([head(15, field), structList(items)]),
};

function struct(fields: readonly Buffer[]): Buffer {
  return Buffer.concat([...fields, Buffer.from([0])]);
}

/** Element type, count, elements: what is posted. */
export function structList(items: readonly (readonly Buffer[])[]): Buffer {
  return Buffer.concat([Buffer.from([12]), int32(items.length), ...items.map(struct)]);
}
