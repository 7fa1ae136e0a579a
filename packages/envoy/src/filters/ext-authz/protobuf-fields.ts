/** Reads proto3 messages field by field. https://protobuf.dev/programming-guides/encoding/ */

export type WireValue = number | Buffer;

/** The fields in order of arrival; undefined: the bytes are no message. Fixed-width and 64-bit numbers are rounded. */
export function readFields(bytes: Buffer): readonly (readonly [number, WireValue])[] | undefined {
  const fields: [number, WireValue][] = [];
  let at = 0;
  const varint = (): number | undefined => {
    let value = 0;
    for (let scale = 1, read = 0; read < 10; scale *= 128, read++) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === undefined || key < 8) return undefined;
    const field = Math.floor(key / 8);
    const wireType = key % 8;
    if (wireType === 0) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push([field, value]);
      continue;
    }
    const size = wireType === 2 ? varint() : wireType === 1 ? 8 : wireType === 5 ? 4 : undefined;
    if (size === undefined || at + size > bytes.length) return undefined;
    const value = bytes.subarray(at, at + size);
    at += size;
    fields.push([field, wireType === 2 ? value : fixed(value)]);
  }
  return fields;
}

function fixed(bytes: Buffer): number {
  return bytes.length === 8 ? bytes.readDoubleLE(0) : bytes.readUInt32LE(0);
}

/** A message whose fields can be asked for. Malformed bytes throw: whoever reads a whole answer catches once. */
export class Message {
  readonly #fields: readonly (readonly [number, WireValue])[];

  constructor(bytes: Buffer) {
    const fields = readFields(bytes);
    if (fields === undefined) throw new MalformedMessage("malformed protobuf message");
    this.#fields = fields;
  }

  has(field: number): boolean {
    return this.#fields.some(([number]) => number === field);
  }

  number(field: number): number | undefined {
    const value = this.#fields.findLast(([number]) => number === field)?.[1];
    return typeof value === "number" ? value : undefined;
  }

  all(field: number): Buffer[] {
    return this.#fields.flatMap(([number, value]) =>
      number === field && typeof value !== "number" ? [value] : [],
    );
  }

  bytes(field: number): Buffer | undefined {
    return this.all(field).at(-1);
  }

  /** Header values and the like: one character a byte, as the codecs have them. */
  text(field: number): string {
    return this.bytes(field)?.toString("latin1") ?? "";
  }

  messages(field: number): Message[] {
    return this.all(field).map((bytes) => new Message(bytes));
  }

  message(field: number): Message | undefined {
    const bytes = this.all(field);
    // Pieces of one message that comes twice are merged.
    return bytes.length === 0 ? undefined : new Message(Buffer.concat(bytes));
  }
}

export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}
