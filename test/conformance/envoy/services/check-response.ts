/** Answers of an authorization service, as gRPC carries them. https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/auth/v3/external_auth.proto */

/** A field that holds a number, text or a message. */
export function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === "number") return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

/** In a gRPC frame, one character a byte. */
export function framed(body: Buffer): string {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]).toString("latin1");
}

/** The older way to say how a header is to be added, and the newer one. */
export interface HeaderAddition {
  readonly append?: boolean;
  readonly action?: number;
}

/** A HeaderValueOption. */
export function header(
  key: string,
  value: string,
  { append, action }: HeaderAddition = {},
): Buffer {
  return message(
    field(1, message(field(1, key), field(2, value))),
    ...(append === undefined ? [] : [field(2, append ? field(1, 1) : Buffer.alloc(0))]),
    ...(action === undefined ? [] : [field(3, action)]),
  );
}

/** google.rpc.Status. */
export const status = (code: number): Buffer =>
  field(1, code === 0 ? Buffer.alloc(0) : field(1, code));

/** A google.protobuf.Struct of texts. */
export function struct(entries: Readonly<Record<string, string>>): Buffer {
  return message(
    ...Object.entries(entries).map(([key, text]) =>
      field(1, message(field(1, key), field(2, field(3, text)))),
    ),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
