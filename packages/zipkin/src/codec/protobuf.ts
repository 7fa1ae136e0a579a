import { DecodeError } from "../model/decode-error.ts";
import type { ByteReader } from "./byte-reader.ts";

/** https://protobuf.dev/programming-guides/encoding/#structure */
export const wire = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;

/** Groups inside groups; nobody sends any. */
const MAX_DEPTH = 32;

/** Field number and wire type in one, as written: `field << 3 | wire type`. */
export function key(field: number, type: number): number {
  return field * 8 + type;
}

/** Steps over a field that is not known, whatever it holds. */
export function skipField(reader: ByteReader, fieldKey: number, depth = 0): void {
  if (fieldKey < 8) throw new DecodeError(`Malformed: field number 0 at offset ${reader.at}`);
  switch (fieldKey % 8) {
    case wire.varint:
      reader.varint();
      return;
    case wire.fixed64:
      reader.take(8);
      return;
    case wire.bytes:
      reader.take(reader.varint());
      return;
    case wire.fixed32:
      reader.take(4);
      return;
    case wire.startGroup:
      skipGroup(reader, fieldKey, depth);
      return;
    default:
      throw new DecodeError(`Malformed: wire type ${fieldKey % 8} at offset ${reader.at}`);
  }
}

function skipGroup(reader: ByteReader, start: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new DecodeError(`Malformed: nested deeper than ${MAX_DEPTH} groups`);
  for (;;) {
    const fieldKey = reader.varint();
    if (fieldKey === start - wire.startGroup + wire.endGroup) return;
    skipField(reader, fieldKey, depth + 1);
  }
}

/** Calls `read` for each field; it returns false for those it does not know. */
export function readMessage(
  reader: ByteReader,
  read: (fieldKey: number, reader: ByteReader) => boolean,
): void {
  while (reader.left > 0) {
    const fieldKey = reader.varint();
    if (!read(fieldKey, reader)) skipField(reader, fieldKey);
  }
}

export function readBytes(reader: ByteReader): ByteReader {
  return reader.part(reader.varint());
}

export function readText(reader: ByteReader): string {
  return reader.text(reader.varint());
}
