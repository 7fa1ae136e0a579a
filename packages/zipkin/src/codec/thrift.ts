import { DecodeError } from "../model/decode-error.ts";
import type { ByteReader } from "./byte-reader.ts";

/** Types of Thrift's binary protocol. */
export const thrift = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

/** Structures inside structures. */
const MAX_DEPTH = 64;

/** Reads one structure: `read` returns false for fields it does not know, and those are stepped over. */
export function readStruct(
  reader: ByteReader,
  read: (id: number, type: number, reader: ByteReader) => boolean,
): void {
  for (;;) {
    const type = reader.byte();
    if (type === thrift.stop) return;
    const id = reader.int16();
    if (!read(id, type, reader)) skipValue(reader, type, 0);
  }
}

/** A list's element type and length, which the bytes that are left must be able to hold. */
export function readListHead(reader: ByteReader): { readonly type: number; readonly size: number } {
  const type = reader.byte();
  return { type, size: readSize(reader) };
}

export function readString(reader: ByteReader): string {
  return reader.text(reader.int32());
}

export function readListOf(reader: ByteReader, type: number, readItem: () => void): void {
  const head = readListHead(reader);
  for (let i = 0; i < head.size; i++) {
    if (head.type === type) readItem();
    else skipValue(reader, head.type, 0);
  }
}

function readSize(reader: ByteReader): number {
  const size = reader.int32();
  if (size < 0 || size > reader.left) {
    throw new DecodeError(`Truncated: length ${size} > bytes available ${reader.left}`);
  }
  return size;
}

export function skipValue(reader: ByteReader, type: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new DecodeError(`Malformed: nested deeper than ${MAX_DEPTH} levels`);
  switch (type) {
    case thrift.bool:
    case thrift.byte:
      reader.take(1);
      return;
    case thrift.i16:
      reader.take(2);
      return;
    case thrift.i32:
      reader.take(4);
      return;
    case thrift.i64:
    case thrift.double:
      reader.take(8);
      return;
    case thrift.string:
      reader.take(reader.int32());
      return;
    case thrift.struct:
      skipStruct(reader, depth);
      return;
    case thrift.map:
      skipMap(reader, depth);
      return;
    case thrift.set:
    case thrift.list:
      skipList(reader, depth);
      return;
    default:
      throw new DecodeError(`Malformed: thrift type ${type} at offset ${reader.at}`);
  }
}

function skipStruct(reader: ByteReader, depth: number): void {
  for (;;) {
    const type = reader.byte();
    if (type === thrift.stop) return;
    reader.take(2);
    skipValue(reader, type, depth + 1);
  }
}

function skipMap(reader: ByteReader, depth: number): void {
  const keyType = reader.byte();
  const valueType = reader.byte();
  const size = readSize(reader);
  for (let i = 0; i < size; i++) {
    skipValue(reader, keyType, depth + 1);
    skipValue(reader, valueType, depth + 1);
  }
}

function skipList(reader: ByteReader, depth: number): void {
  const { type, size } = readListHead(reader);
  for (let i = 0; i < size; i++) skipValue(reader, type, depth + 1);
}
