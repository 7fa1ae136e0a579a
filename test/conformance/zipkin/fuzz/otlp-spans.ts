import fc from "fast-check";
import { proto } from "./binary-writer.ts";
import * as values from "./span-values.ts";

/** OpenTelemetry spans, in both forms, and what they become in Zipkin. Marks do not occur: each batch is read back by its id. */

export type OtlpValue =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "bytes"; readonly value: string }
  | { readonly kind: "array"; readonly value: readonly OtlpValue[] };

export type OtlpAttribute = readonly [key: string, value: OtlpValue];

export interface OtlpSpan {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly kind: number;
  readonly name: string;
  readonly startNanos: bigint;
  readonly lengthNanos: bigint;
  readonly attributes: readonly OtlpAttribute[];
  readonly events: readonly {
    readonly name: string;
    readonly nanos: bigint;
    readonly attributes: readonly OtlpAttribute[];
  }[];
  readonly statusCode: number;
  readonly statusMessage: string;
}

export interface OtlpBatch {
  readonly resource: readonly OtlpAttribute[];
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly spans: readonly OtlpSpan[];
}

const scalar: fc.Arbitrary<OtlpValue> = fc.oneof(
  values.tagValues.map((value) => ({ kind: "string" as const, value })),
  fc.boolean().map((value) => ({ kind: "bool" as const, value })),
  fc
    .oneof(fc.bigInt(-5n, 70_000n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))
    .map((value) => ({ kind: "int" as const, value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({
    kind: "double" as const,
    value: value === 0 ? 0 : value, // JSON has no negative zero
  })),
  fc
    .uint8Array({ maxLength: 6 })
    .map((bytes) => ({ kind: "bytes" as const, value: Buffer.from(bytes).toString("base64") })),
);
const anyValue: fc.Arbitrary<OtlpValue> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc
      .array(scalar, { maxLength: 3 })
      .map((value) => ({ kind: "array", value }) as const),
  },
);
const peerKeys = [
  "peer.service",
  "server.address",
  "net.peer.name",
  "network.peer.address",
  "network.peer.port",
  "server.socket.domain",
  "server.socket.address",
  "server.socket.port",
  "net.sock.peer.name",
  "net.sock.peer.addr",
  "net.sock.peer.port",
  "peer.hostname",
  "peer.address",
  "db.name",
];
const attribute: fc.Arbitrary<OtlpAttribute> = fc.oneof(
  fc.tuple(
    values.tagKeys.filter((key) => key !== ""),
    anyValue,
  ),
  fc.tuple(
    fc.constantFrom(...peerKeys),
    fc.oneof(
      fc
        .oneof(values.ipTexts, fc.constantFrom("Db-1", "/run/db.sock", "80", "70000"))
        .map((value) => ({ kind: "string" as const, value })),
      fc.constantFrom(80n, 0n, -1n, 70_000n).map((value) => ({ kind: "int" as const, value })),
    ),
  ),
);
/** Keys do not repeat in one list: OpenTelemetry forbids it. */
const attributes = fc.uniqueArray(attribute, { maxLength: 5, selector: ([key]) => key });

const BASE_NANOS = 1_700_000_000_000_000_000n;
const nanos = fc.bigInt(0n, 10_000_000_000n).map((offset) => BASE_NANOS + offset);

export const otlpBatches: fc.Arbitrary<OtlpBatch> = fc.record({
  resource: fc
    .tuple(
      attributes,
      fc.option(
        values.oddTexts.map((value): OtlpAttribute => ["service.name", { kind: "string", value }]),
        { nil: undefined },
      ),
    )
    .map(([others, name]) => (name === undefined ? others : [...others, name])),
  scopeName: fc.constantFrom("", "http", "Über"),
  scopeVersion: fc.constantFrom("", "1.2.3"),
  spans: fc.uniqueArray(
    fc.record({
      id: fc.constantFrom("0000000000000001", "00000000000000f5", "abcdef0123456789"),
      parentId: fc.option(fc.constantFrom("0000000000000001", "0000000000000009"), {
        nil: undefined,
      }),
      kind: fc.nat({ max: 6 }),
      name: values.spanNames,
      startNanos: nanos,
      lengthNanos: fc.oneof(fc.constantFrom(0n, 1n, 499n, 500n, 1500n), fc.bigInt(0n, 10n ** 10n)),
      attributes,
      events: fc.uniqueArray(fc.record({ name: values.annotationTexts, nanos, attributes }), {
        maxLength: 2,
        selector: (event) => event.nanos / 1000n,
      }),
      statusCode: fc.nat({ max: 2 }),
      statusMessage: values.tagValues,
    }),
    { minLength: 1, maxLength: 3, selector: (span) => span.id },
  ),
});

/** As the specification of OTLP has it in JSON: ids in hex, 64 bits as text. */
export function toOtlpJson(batch: OtlpBatch, traceId: string): unknown {
  const list = (items: readonly OtlpAttribute[]) =>
    items.map(([key, value]) => ({ key, value: jsonValue(value) }));
  return {
    resourceSpans: [
      {
        resource: { attributes: list(batch.resource) },
        scopeSpans: [
          {
            scope: { name: batch.scopeName, version: batch.scopeVersion },
            spans: batch.spans.map((span) => ({
              traceId,
              spanId: span.id,
              parentSpanId: span.parentId,
              kind: span.kind,
              name: span.name,
              startTimeUnixNano: String(span.startNanos),
              endTimeUnixNano: String(span.startNanos + span.lengthNanos),
              attributes: list(span.attributes),
              events: span.events.map((event) => ({
                name: event.name,
                timeUnixNano: String(event.nanos),
                attributes: list(event.attributes),
              })),
              status: { code: span.statusCode, message: span.statusMessage },
            })),
          },
        ],
      },
    ],
  };
}

function jsonValue(value: OtlpValue): unknown {
  switch (value.kind) {
    case "string":
      return { stringValue: value.value };
    case "bool":
      return { boolValue: value.value };
    case "int":
      return { intValue: String(value.value) };
    case "double":
      return { doubleValue: value.value };
    case "bytes":
      return { bytesValue: value.value };
    case "array":
      return { arrayValue: { values: value.value.map(jsonValue) } };
  }
}

export function toOtlpProto(batch: OtlpBatch, traceId: string): Buffer {
  const list = (field: number, items: readonly OtlpAttribute[]) =>
    items.map((item) => proto.bytes(field, protoAttribute(item)));
  const hex = (field: number, digits: string) => proto.bytes(field, Buffer.from(digits, "hex"));
  const spans = batch.spans.map((span) =>
    proto.bytes(
      2,
      Buffer.concat([
        hex(1, traceId),
        hex(2, span.id),
        ...(span.parentId === undefined ? [] : [hex(4, span.parentId)]),
        proto.bytes(5, span.name),
        proto.varint(6, span.kind),
        proto.fixed64(7, span.startNanos),
        proto.fixed64(8, span.startNanos + span.lengthNanos),
        ...list(9, span.attributes),
        ...span.events.map((event) =>
          proto.bytes(
            11,
            Buffer.concat([
              proto.fixed64(1, event.nanos),
              proto.bytes(2, event.name),
              ...list(3, event.attributes),
            ]),
          ),
        ),
        proto.bytes(
          15,
          Buffer.concat([proto.bytes(2, span.statusMessage), proto.varint(3, span.statusCode)]),
        ),
      ]),
    ),
  );
  const scope = Buffer.concat([
    proto.bytes(1, batch.scopeName),
    proto.bytes(2, batch.scopeVersion),
  ]);
  const resource = Buffer.concat(list(1, batch.resource));
  const scopeSpans = Buffer.concat([proto.bytes(1, scope), ...spans]);
  return proto.bytes(1, Buffer.concat([proto.bytes(1, resource), proto.bytes(2, scopeSpans)]));
}

function protoAttribute([key, value]: OtlpAttribute): Buffer {
  return Buffer.concat([proto.bytes(1, key), proto.bytes(2, protoValue(value))]);
}

function protoValue(value: OtlpValue): Buffer {
  switch (value.kind) {
    case "string":
      return proto.bytes(1, value.value);
    case "bool":
      return proto.varint(2, value.value ? 1 : 0);
    case "int":
      return proto.varint(3, value.value);
    case "double": {
      const bits = Buffer.alloc(8);
      bits.writeDoubleLE(value.value);
      return proto.fixed64(4, bits.readBigUInt64LE());
    }
    case "array":
      return proto.bytes(
        5,
        Buffer.concat(value.value.map((item) => proto.bytes(1, protoValue(item)))),
      );
    case "bytes":
      return proto.bytes(7, Buffer.from(value.value, "base64"));
  }
}
