import fc from "fast-check";
import { proto, structList, thrift } from "./binary-writer.ts";
import * as values from "./span-values.ts";
import { resolve, type World } from "./world.ts";

/** Lists of spans as protobuf and as thrift. Times are microseconds into the world's minute; "zero" stands for no time. */

export type Time = number | "zero" | "negative";
const times: fc.Arbitrary<Time> = fc.oneof(
  { weight: 12, arbitrary: values.offsets },
  { weight: 1, arbitrary: fc.constantFrom("zero", "negative") },
);

function micros(time: Time, world: World): bigint {
  if (time === "zero") return 0n;
  return time === "negative" ? -5n : BigInt(world.startMs * 1000 + time);
}

const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 4 });

/** Of the right length and not. */
const ipv4Bytes = fc.constantFrom("0a000001", "c0a86365", "00000000", "ffffffff", "0a", "");
const ipv6Bytes = fc.constantFrom(
  "20010db8000000000000000000000001",
  "00000000000000000000000000000001",
  "00000000000000000000000000000000",
  "00000000000000000000ffff0a030303",
  "0000000000000000000000000a030303",
  "00010000000000020000000000000003",
  "0001",
  "",
);

/** Addresses as hex digits. */
export interface Endpoint {
  readonly serviceName: string | undefined;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
  readonly port: number | undefined;
}
const endpoints: fc.Arbitrary<Endpoint> = fc.record({
  serviceName: often(values.serviceNames),
  ipv4: rarely(ipv4Bytes),
  ipv6: rarely(ipv6Bytes),
  port: rarely(values.ports),
});

const annotations = fc.record({
  timestamp: times,
  value: fc.option(values.annotationTexts, { nil: undefined, freq: 8 }),
});
const tags = fc.record({
  key: fc.option(values.tagKeys, { nil: undefined, freq: 10 }),
  value: fc.option(values.tagValues, { nil: undefined, freq: 5 }),
});

/** Hex digits; of odd lengths now and then, which the bytes cannot have. */
const traceIdBytes = fc.oneof(
  {
    weight: 20,
    arbitrary: values.traceIds.filter((id) => /^(?:.{16})?(?:~w.{8}|.{8}~w)$/.test(id)),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "00".repeat(8), `${"ab".repeat(9)}~w`, "~w01") },
  { weight: 1, arbitrary: fc.constantFrom("ab".repeat(17), "00".repeat(16)) },
);
const spanIdBytes = fc.oneof(
  {
    weight: 20,
    arbitrary: values.spanIds.filter((id) => id.length === 16 && !/^0+$/.test(id)),
  },
  { weight: 1, arbitrary: fc.constantFrom("01", "", "00".repeat(8), "00", "ab".repeat(9)) },
);

export interface ProtoSpan {
  readonly traceId: string;
  readonly parentId: string | undefined;
  readonly id: string;
  readonly kind: number | undefined;
  readonly name: string | undefined;
  readonly timestamp: Time | undefined;
  readonly duration: number | undefined;
  readonly localEndpoint: Endpoint | undefined;
  readonly remoteEndpoint: Endpoint | undefined;
  readonly annotations: readonly { timestamp: Time; value: string | undefined }[];
  readonly tags: readonly { key: string | undefined; value: string | undefined }[];
  readonly debug: number | undefined;
  readonly shared: number | undefined;
  /** A field that no version has, of the one type that the real server steps over rightly. */
  readonly unknown: number | undefined;
}

export const protoSpans: fc.Arbitrary<readonly ProtoSpan[]> = fc.array(
  fc.record({
    traceId: traceIdBytes,
    parentId: rarely(spanIdBytes),
    id: spanIdBytes,
    kind: often(
      fc.oneof({ weight: 8, arbitrary: fc.constantFrom(1, 2, 3, 4) }, fc.constantFrom(0, 5, 255)),
    ),
    name: often(values.spanNames),
    timestamp: often(times),
    duration: often(fc.oneof({ weight: 8, arbitrary: values.durations }, fc.constantFrom(0, -1))),
    localEndpoint: often(endpoints),
    remoteEndpoint: rarely(endpoints),
    annotations: fc.array(annotations, { maxLength: 3 }),
    tags: fc.array(tags, { maxLength: 3 }),
    debug: rarely(fc.constantFrom(0, 1, 2)),
    shared: rarely(fc.constantFrom(0, 1)),
    unknown: fc.option(fc.constantFrom(14, 15, 100), { nil: undefined, freq: 1 }),
  }),
  { minLength: 1, maxLength: 6 },
);

export function writeProto(spans: readonly ProtoSpan[], sentinel: string, world: World): Buffer {
  const last: Buffer = proto.bytes(
    1,
    Buffer.concat([
      proto.bytes(1, Buffer.from(resolve(sentinel, world), "hex")),
      proto.bytes(3, Buffer.from("0000000000000001", "hex")),
      proto.fixed64(6, micros(59_000_000, world)),
      proto.varint(12, 1), // never left out of a sample
    ]),
  );
  return Buffer.concat([...spans.map((span) => proto.bytes(1, protoSpan(span, world))), last]);
}

function protoSpan(span: ProtoSpan, world: World): Buffer {
  const hex = (text: string) => Buffer.from(resolve(text, world), "hex");
  const text = (value: string) => Buffer.from(resolve(value, world));
  const fields: Buffer[] = [proto.bytes(1, hex(span.traceId))];
  if (span.parentId !== undefined) fields.push(proto.bytes(2, hex(span.parentId)));
  if (span.unknown !== undefined) fields.push(proto.varint(span.unknown, 300));
  fields.push(proto.bytes(3, hex(span.id)));
  if (span.kind !== undefined) fields.push(proto.varint(4, span.kind));
  if (span.name !== undefined) fields.push(proto.bytes(5, text(span.name)));
  if (span.timestamp !== undefined) fields.push(proto.fixed64(6, micros(span.timestamp, world)));
  if (span.duration !== undefined) fields.push(proto.varint(7, span.duration));
  if (span.localEndpoint) fields.push(proto.bytes(8, protoEndpoint(span.localEndpoint, world)));
  if (span.remoteEndpoint) fields.push(proto.bytes(9, protoEndpoint(span.remoteEndpoint, world)));
  for (const { timestamp, value } of span.annotations) {
    const parts = [proto.fixed64(1, micros(timestamp, world))];
    if (value !== undefined) parts.push(proto.bytes(2, text(value)));
    fields.push(proto.bytes(10, Buffer.concat(parts)));
  }
  for (const { key, value } of span.tags) {
    const parts: Buffer[] = [];
    if (key !== undefined) parts.push(proto.bytes(1, text(key)));
    if (value !== undefined) parts.push(proto.bytes(2, text(value)));
    fields.push(proto.bytes(11, Buffer.concat(parts)));
  }
  if (span.debug !== undefined) fields.push(proto.varint(12, span.debug));
  if (span.shared !== undefined) fields.push(proto.varint(13, span.shared));
  return Buffer.concat(fields);
}

function protoEndpoint({ serviceName, ipv4, ipv6, port }: Endpoint, world: World): Buffer {
  const fields: Buffer[] = [];
  if (serviceName !== undefined) fields.push(proto.bytes(1, resolve(serviceName, world)));
  if (ipv4 !== undefined) fields.push(proto.bytes(2, Buffer.from(ipv4, "hex")));
  if (ipv6 !== undefined) fields.push(proto.bytes(3, Buffer.from(ipv6, "hex")));
  if (port !== undefined) fields.push(proto.varint(4, port));
  return Buffer.concat(fields);
}

const annotationsV1 = fc.record({
  timestamp: times,
  value: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("cs", "cr", "sr", "ss", "ms", "mr", "ws", "wr") },
    { weight: 2, arbitrary: values.annotationTexts },
  ),
  endpoint: often(endpoints),
});
const binaryAnnotationsV1 = fc.record({
  key: fc.oneof(fc.constantFrom("sa", "ca", "ma", "lc"), values.tagKeys),
  value: fc.oneof(fc.constantFrom("\u0001", "\u0000", "1", "true"), values.tagValues),
  type: fc.oneof(
    { weight: 3, arbitrary: fc.constant(6) },
    fc.constantFrom(0, 1, 2, 3, 4, 5, 7, -1),
  ),
  endpoint: often(endpoints),
});

export interface ThriftSpan {
  readonly traceId: string;
  readonly traceIdHigh: string | undefined;
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string | undefined;
  readonly timestamp: Time | undefined;
  readonly duration: number | undefined;
  readonly annotations: readonly {
    timestamp: Time;
    value: string;
    endpoint: Endpoint | undefined;
  }[];
  readonly binaryAnnotations: readonly {
    key: string;
    value: string;
    type: number;
    endpoint: Endpoint | undefined;
  }[];
  readonly debug: number | undefined;
}

const long = (...ids: readonly string[]) => fc.constantFrom(...ids);
export const thriftSpans: fc.Arbitrary<readonly ThriftSpan[]> = fc.array(
  fc.record({
    traceId: fc.oneof(
      {
        weight: 20,
        arbitrary: long("~w00000001", "~w00000002", "~w00000003", "10000000~w", "90000000~w"),
      },
      { weight: 1, arbitrary: long("0000000000000000") },
    ),
    traceIdHigh: rarely(long("0000000000000000", "000000000000000a", "ffffffffffffffff")),
    id: fc.oneof(
      { weight: 20, arbitrary: spanIdBytes.filter((id) => id.length === 16) },
      { weight: 1, arbitrary: long("0000000000000000") },
    ),
    parentId: rarely(spanIdBytes.filter((id) => id.length === 16)),
    name: often(values.spanNames),
    timestamp: rarely(times),
    duration: rarely(fc.oneof({ weight: 8, arbitrary: values.durations }, fc.constantFrom(0, -1))),
    annotations: fc.array(annotationsV1, { maxLength: 5 }),
    binaryAnnotations: fc.array(binaryAnnotationsV1, { maxLength: 4 }),
    debug: rarely(fc.constantFrom(0, 1)),
  }),
  { minLength: 1, maxLength: 6 },
);

export function writeThrift(spans: readonly ThriftSpan[], sentinel: string, world: World): Buffer {
  const last = [
    thrift.i64(1, BigInt(`0x${resolve(sentinel, world)}`)),
    thrift.i64(4, 1n),
    thrift.bool(9, 1),
    thrift.i64(10, micros(59_000_000, world)),
  ];
  return structList([...spans.map((span) => thriftSpan(span, world)), last]);
}

function thriftSpan(span: ThriftSpan, world: World): Buffer[] {
  const id = (text: string) => BigInt(`0x${resolve(text, world)}`);
  const fields: Buffer[] = [thrift.i64(1, id(span.traceId))];
  if (span.name !== undefined) fields.push(thrift.string(3, resolve(span.name, world)));
  fields.push(thrift.i64(4, id(span.id)));
  if (span.parentId !== undefined) fields.push(thrift.i64(5, id(span.parentId)));
  fields.push(
    thrift.structs(
      6,
      span.annotations.map(({ timestamp, value, endpoint }) => [
        thrift.i64(1, micros(timestamp, world)),
        thrift.string(2, resolve(value, world)),
        ...(endpoint ? [thrift.struct(3, thriftEndpoint(endpoint, world))] : []),
      ]),
    ),
    thrift.structs(
      8,
      span.binaryAnnotations.map(({ key, value, type, endpoint }) => [
        thrift.string(1, resolve(key, world)),
        thrift.string(2, resolve(value, world)),
        thrift.i32(3, type),
        ...(endpoint ? [thrift.struct(4, thriftEndpoint(endpoint, world))] : []),
      ]),
    ),
  );
  if (span.debug !== undefined) fields.push(thrift.bool(9, span.debug));
  if (span.timestamp !== undefined) fields.push(thrift.i64(10, micros(span.timestamp, world)));
  if (span.duration !== undefined) fields.push(thrift.i64(11, BigInt(span.duration)));
  if (span.traceIdHigh !== undefined) fields.push(thrift.i64(12, id(span.traceIdHigh)));
  return fields;
}

function thriftEndpoint({ serviceName, ipv4, ipv6, port }: Endpoint, world: World): Buffer[] {
  const fields: Buffer[] = [];
  if (ipv4?.length === 8) fields.push(thrift.i32(1, Number.parseInt(ipv4, 16)));
  if (port !== undefined) fields.push(thrift.i16(2, port));
  if (serviceName !== undefined) fields.push(thrift.string(3, resolve(serviceName, world)));
  if (ipv6?.length === 32) fields.push(thrift.string(4, Buffer.from(ipv6, "hex")));
  return fields;
}
