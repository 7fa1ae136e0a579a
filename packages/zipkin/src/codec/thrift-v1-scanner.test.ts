import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../model/decode-error.ts";
import { type EncodedSpans, encodeSpans } from "../model/encoded-spans.ts";
import type { Span } from "../model/span.ts";
import { ByteReader } from "./byte-reader.ts";
import { readListHead, thrift } from "./thrift.ts";
import { readThriftSpan } from "./thrift-v1.ts";
import { readThriftV1 } from "./thrift-v1-scanner.ts";
import { convertV1 } from "./v1-convert.ts";

/** Thrift's binary protocol. */
const int = (bytes: number, value: number | bigint): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)));
  return out.subarray(8 - bytes);
};
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([int(4, bytes.length), bytes]);
};
const field = (type: number, id: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([type]), int(2, id), value]);
const struct = (...fields: (Buffer | undefined)[]): Buffer =>
  Buffer.concat([...fields.filter((part) => part !== undefined), Buffer.from([thrift.stop])]);
const list = (items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([thrift.struct]), int(4, items.length), ...items]);

interface Host {
  readonly name: string;
  readonly ip: number;
}

interface V1 {
  readonly traceId: bigint;
  readonly high: bigint | undefined;
  readonly id: bigint;
  readonly parent: bigint | undefined;
  readonly name: string | undefined;
  readonly timestamp: number | undefined;
  readonly duration: number | undefined;
  readonly debug: boolean | undefined;
  readonly annotations: readonly (readonly [at: number, value: string, host: Host])[];
  readonly tags: readonly (readonly [key: string, value: string, host: Host])[];
  readonly address: readonly [key: string, host: Host] | undefined;
  readonly reversed: boolean;
  /** One more field, last. */
  readonly extra: Buffer | undefined;
}

const hostBytes = ({ name, ip }: Host): Buffer =>
  struct(
    field(thrift.i32, 1, int(4, ip)),
    field(thrift.i16, 2, int(2, name === "" ? 0 : 80)),
    field(thrift.string, 3, text(name)),
  );

function bytesOf(span: V1): Buffer {
  const annotation = ([at, value, host]: V1["annotations"][number]): Buffer =>
    struct(
      field(thrift.i64, 1, int(8, at)),
      field(thrift.string, 2, text(value)),
      field(thrift.struct, 3, hostBytes(host)),
    );
  const binary = (key: string, value: Buffer, type: number, host: Host): Buffer =>
    struct(
      field(thrift.string, 1, text(key)),
      field(thrift.string, 2, Buffer.concat([int(4, value.length), value])),
      field(thrift.i32, 3, int(4, type)),
      field(thrift.struct, 4, hostBytes(host)),
    );
  const binaries = span.tags.map(([key, value, host]) => binary(key, Buffer.from(value), 6, host));
  if (span.address) binaries.push(binary(span.address[0], Buffer.from([1]), 0, span.address[1]));
  const long = (id: number, value: bigint | number | undefined): Buffer | undefined =>
    value === undefined ? undefined : field(thrift.i64, id, int(8, value));
  const fields = [
    long(1, span.traceId),
    span.name === undefined ? undefined : field(thrift.string, 3, text(span.name)),
    long(4, span.id),
    long(5, span.parent),
    field(thrift.list, 6, list(span.annotations.map(annotation))),
    field(thrift.list, 8, list(binaries)),
    span.debug === undefined ? undefined : field(thrift.bool, 9, int(1, span.debug ? 1 : 0)),
    long(10, span.timestamp),
    long(11, span.duration),
    long(12, span.high),
  ];
  return struct(...(span.reversed ? fields.toReversed() : fields), span.extra);
}

function texts({ bytes, starts, ends }: EncodedSpans): string[] {
  return starts.map((start, i) => bytes.toString("utf8", start, ends[i]));
}

/** The long way for every span. */
function throughModel(body: Buffer): EncodedSpans {
  try {
    const reader = new ByteReader(body);
    const { size } = readListHead(reader);
    const spans: Span[] = [];
    for (let i = 0; i < size; i++) spans.push(...convertV1(readThriftSpan(reader)));
    return encodeSpans(spans);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(`${error.message} reading List<Span> from TBinary`);
  }
}

/** Each value mostly the usual one. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 14, arbitrary: usual }, { weight: 1, arbitrary: other });
const word = fc.constantFrom("", "get", "GET", "é", 'a"b', "a\\", "\n", "lc", "sa", "1", "error");
const id = mostly(fc.bigInt(1n, 2n ** 63n), fc.constantFrom(0n, 5n));
const host = mostly<Host>(
  fc.constant({ name: "Frontend", ip: 0x7f000001 }),
  fc.constantFrom({ name: "other", ip: 1 }, { name: "", ip: 0 }, { name: "frontend", ip: 2 }),
);
const time = mostly(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0, -1, 2 ** 53, 2 ** 60));
const span: fc.Arbitrary<V1> = fc.record({
  traceId: id,
  high: fc.option(mostly(fc.bigInt(1n, 2n ** 63n), fc.constant(0n)), { nil: undefined }),
  id,
  parent: fc.option(id, { nil: undefined }),
  name: mostly(fc.constantFrom(undefined, "get", "GET /x"), word),
  timestamp: fc.option(time, { nil: undefined, freq: 1 }),
  duration: fc.option(time, { nil: undefined, freq: 1 }),
  debug: fc.option(fc.boolean(), { nil: undefined }),
  annotations: fc
    .constantFrom(
      ["cs", "cr"],
      ["sr", "ss"],
      ["cs", "sr"],
      ["sr"],
      ["cs", "cr", "x"],
      ["cs", "cs", "cr"],
      [],
    )
    .chain((values) =>
      fc.tuple(
        ...values.map((value, i) =>
          fc.tuple(mostly(fc.constant(100 + i * 50), time), mostly(fc.constant(value), word), host),
        ),
      ),
    ),
  tags: fc.array(
    fc.tuple(mostly(fc.constantFrom("a", "b", "http.path"), word), mostly(fc.string(), word), host),
    { maxLength: 3 },
  ),
  address: fc.option(
    fc.tuple(
      mostly(fc.constant("sa"), fc.constantFrom("ca", "ma")),
      fc.constantFrom({ name: "db", ip: 9 }, { name: "Frontend", ip: 9 }, { name: "", ip: 0 }),
    ),
    { nil: undefined },
  ),
  reversed: mostly(fc.constant(false), fc.constant(true)),
  extra: mostly(
    fc.constant(undefined),
    fc.constantFrom(
      // There already, or not known, or of another type.
      field(thrift.i64, 12, int(8, 0)),
      field(thrift.i64, 1, int(8, 7)),
      field(thrift.string, 3, text("")),
      field(thrift.bool, 9, int(1, 0)),
      field(thrift.list, 8, list([])),
      field(thrift.list, 13, list([struct()])),
      field(thrift.i64, 13, int(8, 7)),
      field(thrift.string, 14, text("later version")),
      field(thrift.i32, 15, int(4, 7)),
    ),
  ),
});

test("spans are stored as the v1 model has them", () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 4 }), (spans) => {
      const body = list(spans.map(bytesOf));
      expect(outcome(() => texts(readThriftV1(body)))).toEqual(
        outcome(() => texts(throughModel(body))),
      );
    }),
    { numRuns: 5000 },
  );
});

test("so are spans with a changed or missing byte", () => {
  const usual = fc.sample(span, { numRuns: 200, seed: 1 });
  const change = fc.tuple(fc.nat(199), fc.nat(), fc.nat(255), fc.boolean());
  fc.assert(
    fc.property(change, ([which, at, value, isCut]) => {
      const whole = list(usual.slice(which, which + 1).map(bytesOf));
      const body = isCut ? whole.subarray(0, at % whole.length) : Buffer.from(whole);
      if (!isCut) body[at % whole.length] = value;
      expect(outcome(() => texts(readThriftV1(body)))).toEqual(
        outcome(() => texts(throughModel(body))),
      );
    }),
    { numRuns: 5000 },
  );
});

test("so is one whose host says nothing", () => {
  const nobody = { name: "", ip: 0 };
  const base = fc.sample(span, { numRuns: 1, seed: 1 })[0];
  if (base === undefined) throw new Error("no span");
  const usual = { ...base, traceId: 1n, id: 2n, name: "get", tags: [], address: undefined };
  const body = list([
    bytesOf({
      ...usual,
      annotations: [
        [1, "cs", nobody],
        [2, "cr", nobody],
      ],
      timestamp: 1,
      duration: 1,
    }),
  ]);
  expect(texts(readThriftV1(body))).toEqual(texts(throughModel(body)));
});

function outcome<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}
