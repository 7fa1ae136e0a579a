/** Protobuf without a schema: enough to look into the reports that tracers send. https://protobuf.dev/programming-guides/encoding/ */

export type WireValue = bigint | Buffer;

/** The fields of one message in order of arrival; every number as a bigint, everything length-delimited as bytes. */
export class ProtobufMessage {
  readonly fields: readonly (readonly [number: number, value: WireValue])[];

  constructor(bytes: Buffer) {
    this.fields = readFields(bytes);
  }

  all(field: number): Buffer[] {
    return this.fields.filter(([number]) => number === field).map(([, value]) => value as Buffer);
  }

  messages(field: number): ProtobufMessage[] {
    return this.all(field).map((bytes) => new ProtobufMessage(bytes));
  }

  message(field: number): ProtobufMessage | undefined {
    return this.messages(field)[0];
  }

  bytes(field: number): Buffer | undefined {
    return this.all(field)[0];
  }

  text(field: number): string | undefined {
    return this.bytes(field)?.toString("utf8");
  }

  hex(field: number): string | undefined {
    return this.bytes(field)?.toString("hex");
  }

  number(field: number): number | undefined {
    const value = this.fields.find(([number]) => number === field)?.[1];
    return value === undefined ? undefined : Number(value as bigint);
  }
}

function readFields(bytes: Buffer): [number, WireValue][] {
  const fields: [number, WireValue][] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("protobuf: cut off inside a varint");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = key >> 3;
    switch (key & 7) {
      case 0:
        fields.push([field, varint()]);
        break;
      case 1:
        fields.push([field, bytes.readBigUInt64LE(at)]);
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        fields.push([field, bytes.subarray(at, at + length)]);
        at += length;
        break;
      }
      case 5:
        fields.push([field, BigInt(bytes.readUInt32LE(at))]);
        at += 4;
        break;
      default:
        throw new Error(`protobuf: wire type ${key & 7}`);
    }
  }
  return fields;
}
