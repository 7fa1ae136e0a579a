import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../model/decode-error.ts";
import { type EncodedSpans, encodeSpans } from "../model/encoded-spans.ts";
import type { Span } from "../model/span.ts";
import { ByteReader } from "./byte-reader.ts";
import { readProto3Span } from "./proto3.ts";
import { readProto3 } from "./proto3-scanner.ts";
import { key, readBytes, readMessage, wire } from "./protobuf.ts";

/** Protobuf's wire format. */
const varint = (value: number | bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const number = (field: number, value: number | bigint): Buffer =>
  Buffer.concat([varint(key(field, wire.varint)), varint(value)]);
const fixed64 = (field: number, value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return Buffer.concat([varint(key(field, wire.fixed64)), bytes]);
};
const bytes = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint(key(field, wire.bytes)), varint(value.length), value]);
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));
const message = (field: number, ...parts: readonly Buffer[]): Buffer =>
  bytes(field, Buffer.concat(parts));

function texts({ bytes: all, starts, ends }: EncodedSpans): string[] {
  return starts.map((start, i) => all.toString("utf8", start, ends[i]));
}

/** The long way for every span. */
function throughModel(body: Buffer): EncodedSpans {
  try {
    const spans: Span[] = [];
    readMessage(new ByteReader(body), (fieldKey, reader) => {
      if (fieldKey !== key(1, wire.bytes)) return false;
      spans.push(readProto3Span(readBytes(reader)));
      return true;
    });
    return encodeSpans(spans);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(`${error.message} reading List<Span> from proto3`);
  }
}

/** Each value mostly the usual one. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: other });
/** Sometimes not there. */
const maybe = (part: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc.oneof({ weight: 3, arbitrary: part }, { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) });

const ofLength = (length: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((id) => Buffer.from(id));
const oddId = fc.oneof(
  ...[0, 1, 7, 9, 15, 17].map(ofLength),
  fc.constantFrom(8, 16).map((length) => Buffer.alloc(length)),
  ofLength(8).map((low) => Buffer.concat([Buffer.alloc(8), low])),
  ofLength(8).map((high) => Buffer.concat([high, Buffer.alloc(8)])),
);
const sameId = Buffer.from("0000000000000005", "hex");
const spanId = fc.oneof(fc.constant(sameId), ofLength(8));

const word = fc.constantFrom("", "é", 'a"b', "a\\", "\n", "\u007f", "1", "2x", "__proto__", "İ");
const name = mostly(fc.constantFrom("get", "GET /Item", "", "a".repeat(200)), word);
const time = mostly(
  fc.oneof(fc.integer({ min: 1, max: 2 ** 40 }), fc.maxSafeInteger().map(Math.abs)),
  fc.constantFrom(0, -1, 2 ** 53, -(2 ** 53), -(2 ** 62), 2 ** 62),
);
const ipv4 = mostly(fc.constantFrom(sameId.subarray(4)), fc.uint8Array().map(Buffer.from));
const endpoint = (field: number): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      maybe(
        mostly(fc.constantFrom("a", "svc-1", "svc-2", "Svc-1", "s".repeat(130)), word).map((w) =>
          text(1, w),
        ),
      ),
      maybe(ipv4.map((address) => bytes(2, address))),
      maybe(
        mostly(fc.integer({ min: 1, max: 65535 }), fc.constantFrom(0, 65536, -1)).map((port) =>
          number(4, port),
        ),
      ),
    )
    .map((parts) => message(field, ...parts));
const annotation = (at: number): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      mostly(fc.integer({ min: at, max: at + 1 }), time).map((timestamp) => fixed64(1, timestamp)),
      mostly(fc.constantFrom("ws", "wr"), word).map((value) => text(2, value)),
      mostly(fc.constant(false), fc.boolean()),
    )
    .map(([timestamp, value, isReversed]) =>
      isReversed ? message(10, value, timestamp) : message(10, timestamp, value),
    );
const tag = fc
  .tuple(
    mostly(fc.constantFrom("a", "b", "ab", "http.path", "Z"), word).map((value) => text(1, value)),
    maybe(mostly(fc.constantFrom("", "200", "b".repeat(300)), fc.string()).map((v) => text(2, v))),
    mostly(fc.constant(false), fc.boolean()),
  )
  .map(([tagKey, value, isReversed]) =>
    isReversed ? message(11, value, tagKey) : message(11, tagKey, value),
  );
const flag = mostly(fc.constantFrom(0, 1), fc.constantFrom(2, 128, 129));

/** What an encoder of this format would not write, or writes in an order of its own. */
const other = fc.oneof(
  fc.constantFrom(
    number(14, 3),
    text(99, "later version"),
    Buffer.from([(15 << 3) | wire.fixed32, 1, 2, 3, 4]),
    Buffer.from([(15 << 3) | wire.startGroup, (15 << 3) | wire.endGroup]),
    Buffer.from([7]),
    Buffer.from([0x8a, 0x00, 1, 7]), // field 1 in two bytes
    number(5, 1), // of another wire type
    message(8, text(9, "x")),
    message(10, fixed64(1, 9), text(2, "x"), text(2, "y")),
    message(11, text(1, "x"), text(2, "x"), text(2, "y")),
    message(11, text(1, "x"), text(3, "y")),
  ),
  // Once more, where the first would show if the second did not replace it, or the other way round.
  fc.constantFrom(
    bytes(1, sameId),
    bytes(2, Buffer.alloc(8)),
    number(4, 0),
    text(5, ""),
    message(8),
    message(9),
    number(12, 0),
    number(13, 0),
  ),
);

const span = fc
  .record({
    fields: fc.tuple(
      mostly(fc.oneof(ofLength(8), ofLength(16)), oddId).map((id) => bytes(1, id)),
      maybe(mostly(spanId, oddId).map((id) => bytes(2, id))),
      mostly(spanId, oddId).map((id) => bytes(3, id)),
      maybe(
        mostly(fc.nat(4), fc.constantFrom(5, 127, 128, 257, -1)).map((kind) => number(4, kind)),
      ),
      maybe(name.map((value) => text(5, value))),
      maybe(time.map((timestamp) => fixed64(6, timestamp))),
      maybe(time.map((duration) => number(7, duration))),
      maybe(endpoint(8)),
      maybe(endpoint(9)),
      maybe(annotation(1)),
      maybe(annotation(2)),
      maybe(tag),
      maybe(tag),
      maybe(tag),
      maybe(flag.map((debug) => number(12, debug))),
      maybe(flag.map((shared) => number(13, shared))),
    ),
    isReversed: mostly(fc.constant(false), fc.constant(true)),
    extra: fc.oneof({ weight: 4, arbitrary: fc.constant(Buffer.alloc(0)) }, other),
  })
  .map(({ fields, isReversed, extra }) =>
    message(1, ...(isReversed ? fields.toReversed() : fields), extra),
  );
/** Between spans. */
const between = mostly(fc.constant(Buffer.alloc(0)), other);

test("spans are stored as the exact reader has them", () => {
  const body = fc
    .array(fc.tuple(span, between), { minLength: 1, maxLength: 4 })
    .map((parts) => Buffer.concat(parts.flat()));
  fc.assert(fc.property(body, expectSame), { numRuns: 5000 });
});

test("so are spans with a changed, flipped or missing byte", () => {
  const usual = fc.sample(span, { numRuns: 200, seed: 1 });
  const change = fc.tuple(
    fc.nat(199),
    fc.nat(),
    fc.nat(255),
    fc.constantFrom("cut", "put", "flip"),
  );
  fc.assert(
    fc.property(change, ([which, where, value, how]) => {
      const whole = Buffer.concat(usual.slice(which, which + 2));
      const at = where % whole.length;
      if (how === "put") whole[at] = value;
      if (how === "flip") whole[at] = (whole[at] ?? 0) ^ (1 << (value & 7));
      expectSame(how === "cut" ? whole.subarray(0, at) : whole);
    }),
    { numRuns: 5000 },
  );
});

test("so are more tags and annotations than are usual", () => {
  const ids = [bytes(1, sameId), bytes(3, sameId)];
  const many = Array.from({ length: 70 }, (_, i) => i);
  const tags = many.map((i) => message(11, text(1, `k${i}`), text(2, "v")));
  const annotations = many.map((i) => message(10, fixed64(1, i + 1), text(2, "v")));
  for (const size of [63, 64, 65, 70]) {
    expectSame(message(1, ...ids, ...tags.slice(0, size)));
    expectSame(message(1, ...ids, ...annotations.slice(0, size)));
  }
});

test("so are tags whose keys are numbers", () => {
  const tags = ["b", "9", "10", "-", "1x", "a"].map((value) => message(11, text(1, value)));
  expectSame(message(1, bytes(1, sameId), bytes(3, sameId), ...tags));
});

test("so are ids of zeros", () => {
  const zeros = Buffer.alloc(8);
  expectSame(message(1, bytes(1, zeros), bytes(3, sameId)));
  expectSame(message(1, bytes(1, sameId), bytes(3, zeros)));
  expectSame(message(1, bytes(1, Buffer.concat([zeros, sameId])), bytes(3, sameId)));
});

test("endpoints that begin alike are told apart", () => {
  const endpoints = [
    message(8, text(1, "a")),
    message(8, text(1, "a"), bytes(2, Buffer.from([10, 0, 0, 1]))),
    message(8, text(1, "a"), bytes(2, Buffer.from([10, 0, 0, 2]))),
    message(8, text(1, "a"), bytes(2, Buffer.from([10, 0, 0, 2])), number(4, 80)),
    message(8, text(1, "a".repeat(100)), number(4, 80)),
    message(8, text(1, "a".repeat(100)), number(4, 81)),
  ];
  const span = (part: Buffer): Buffer => message(1, bytes(1, sameId), bytes(3, sameId), part);
  const body = Buffer.concat([...endpoints, ...endpoints.toReversed()].map(span));
  expectSame(body);
  expect(new Set(texts(readProto3(body))).size).toBe(endpoints.length);
});

function expectSame(body: Buffer): void {
  expect(outcome(() => texts(readProto3(body)))).toEqual(outcome(() => texts(throughModel(body))));
}

function outcome<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}
