import fc from "fast-check";
import { thrift } from "./binary-writer.ts";
import * as values from "./span-values.ts";

/** A Jaeger batch as https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/jaeger.thrift has it. */
export interface JaegerBatch {
  readonly serviceName: string;
  readonly tags: readonly JaegerTag[];
  readonly spans: readonly JaegerSpan[];
}

export interface JaegerSpan {
  readonly id: string;
  readonly parentId: string;
  readonly references: readonly { readonly isParent: boolean; readonly id: string }[];
  readonly name: string;
  readonly flags: number;
  readonly startMicros: bigint;
  readonly duration: bigint;
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly { readonly micros: bigint; readonly fields: readonly JaegerTag[] }[];
}

export type JaegerTag = readonly [key: string, value: JaegerValue];
export type JaegerValue =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "long"; readonly value: bigint }
  | { readonly kind: "binary"; readonly value: readonly number[] };

const string = (value: string): JaegerValue => ({ kind: "string", value });
const anyValue: fc.Arbitrary<JaegerValue> = fc.oneof(
  { weight: 3, arbitrary: values.tagValues.map(string) },
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => ({ kind: "double", value }) as const),
  fc.boolean().map((value) => ({ kind: "bool", value }) as const),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => ({ kind: "long", value }) as const),
  fc
    .array(fc.nat({ max: 255 }), { maxLength: 5 })
    .map((value) => ({ kind: "binary", value }) as const),
);
const tag: fc.Arbitrary<JaegerTag> = fc.oneof(
  fc.tuple(
    values.tagKeys.filter((key) => key !== ""),
    anyValue,
  ),
  fc.tuple(
    fc.constant("span.kind"),
    fc.constantFrom("client", "server", "producer", "consumer", "internal").map(string),
  ),
  fc.tuple(fc.constant("peer.service"), values.oddTexts.map(string)),
  fc.tuple(fc.constant("peer.port"), fc.constantFrom(string("80"), string("x"), string("70000"))),
);
const tags = fc.uniqueArray(tag, { maxLength: 5, selector: ([key]) => key });

const ids = fc.constantFrom("0000000000000001", "00000000000000f5", "abcdef0123456789");
const noneOrId = fc.oneof(fc.constant("0000000000000000"), ids);
const micros = fc.bigInt(1_700_000_000_000_000n, 1_700_000_060_000_000n);

export const jaegerBatches: fc.Arbitrary<JaegerBatch> = fc.record({
  serviceName: values.oddTexts,
  tags,
  spans: fc.uniqueArray(
    fc.record({
      id: ids,
      parentId: noneOrId,
      references: fc.array(fc.record({ isParent: fc.boolean(), id: ids }), { maxLength: 2 }),
      name: values.spanNames,
      flags: fc.nat({ max: 3 }),
      startMicros: micros,
      duration: fc.oneof(fc.constantFrom(0n, 1n), fc.bigInt(1n, 10n ** 7n)),
      tags,
      logs: fc.uniqueArray(fc.record({ micros, fields: tags }), {
        maxLength: 2,
        selector: (log) => log.micros,
      }),
    }),
    { minLength: 1, maxLength: 3, selector: (span) => span.id },
  ),
});

const CHILD_OF = 0;
const FOLLOWS_FROM = 1;

export function toJaegerThrift(batch: JaegerBatch, traceId: string): Buffer {
  const [high, low] = [traceId.slice(0, 16), traceId.slice(16)].map(bits);
  const process = [thrift.string(1, batch.serviceName), thrift.structs(2, batch.tags.map(toTag))];
  const spans = batch.spans.map((span) => [
    thrift.i64(1, low ?? 0n),
    thrift.i64(2, high ?? 0n),
    thrift.i64(3, bits(span.id)),
    thrift.i64(4, bits(span.parentId)),
    thrift.string(5, span.name),
    thrift.structs(
      6,
      span.references.map(({ isParent, id }) => [
        thrift.i32(1, isParent ? CHILD_OF : FOLLOWS_FROM),
        thrift.i64(2, low ?? 0n),
        thrift.i64(3, high ?? 0n),
        thrift.i64(4, bits(id)),
      ]),
    ),
    thrift.i32(7, span.flags),
    thrift.i64(8, span.startMicros),
    thrift.i64(9, span.duration),
    thrift.structs(10, span.tags.map(toTag)),
    thrift.structs(
      11,
      span.logs.map((log) => [thrift.i64(1, log.micros), thrift.structs(2, log.fields.map(toTag))]),
    ),
  ]);
  const end = Buffer.of(0);
  return Buffer.concat([thrift.struct(1, process), thrift.structs(2, spans), end]);
}

function bits(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

/** TagType: STRING, DOUBLE, BOOL, LONG, BINARY. */
const tagTypes = ["string", "double", "bool", "long", "binary"];

function toTag([key, value]: JaegerTag): Buffer[] {
  return [thrift.string(1, key), thrift.i32(2, tagTypes.indexOf(value.kind)), toValue(value)];
}

function toValue(value: JaegerValue): Buffer {
  switch (value.kind) {
    case "string":
      return thrift.string(3, value.value);
    case "double":
      return thrift.double(4, value.value);
    case "bool":
      return thrift.bool(5, value.value ? 1 : 0);
    case "long":
      return thrift.i64(6, value.value);
    case "binary":
      return thrift.string(7, Buffer.from(value.value));
  }
}
