import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../model/decode-error.ts";
import { decodeSpan, type EncodedSpans } from "../model/encoded-spans.ts";
import type { Span } from "../model/span.ts";
import { decodeJaegerThrift } from "./jaeger-thrift.ts";
import { decodeJsonV1 } from "./json-v1.ts";
import { readJsonV2 } from "./json-v2-scanner.ts";
import { decodeOtlpJson } from "./otlp-json.ts";
import { decodeOtlpProto } from "./otlp-proto.ts";
import { readProto3 } from "./proto3-scanner.ts";
import { readThriftV1 } from "./thrift-v1-scanner.ts";

const decoders: Readonly<Record<string, (body: Buffer) => Span[]>> = {
  decodeJaegerThrift,
  decodeJsonV1,
  readJsonV2: (body) => decoded(readJsonV2(body)),
  decodeOtlpJson,
  decodeOtlpProto,
  readProto3: (body) => decoded(readProto3(body)),
  readThriftV1: (body) => decoded(readThriftV1(body)),
};

function decoded(spans: EncodedSpans): Span[] {
  return spans.starts.map((_, i) => decodeSpan(spans, i));
}

const payloads = join(import.meta.dirname, "../../../../test/conformance/zipkin/cases/payloads");
const corpus = readdirSync(payloads).map((name) => readFileSync(join(payloads, name)));

/** Spans, or the one error that becomes a 400; anything else fails the test. */
function outcome(decode: (body: Buffer) => Span[], body: Buffer): "spans" | "refused" {
  try {
    for (const span of decode(body)) expect(span.id).toMatch(/^[0-9a-f]{16}$/);
    return "spans";
  } catch (error) {
    if (error instanceof DecodeError) return "refused";
    throw error;
  }
}

describe.each(Object.entries(decoders))("%s", (_, decode) => {
  test("reads or refuses any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        outcome(decode, Buffer.from(bytes));
      }),
      { numRuns: 500 },
    );
  });

  test("reads or refuses real payloads cut short and with flipped bits", () => {
    const damage = fc.record({
      body: fc.constantFrom(...corpus),
      cut: fc.nat(),
      flips: fc.array(fc.nat(), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(damage, ({ body, cut, flips }) => {
        const bytes = Buffer.from(body.subarray(0, cut % (body.length + 1)));
        for (const flip of flips) {
          const at = bytes.length === 0 ? 0 : (flip >> 3) % bytes.length;
          if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << (flip & 7));
        }
        outcome(decode, bytes);
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ["readJsonV2", "[".repeat(200_000)],
  ["readJsonV2", `[{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}},`],
  ["decodeJsonV1", "[".repeat(200_000)],
  ["decodeOtlpJson", '{"a":'.repeat(100_000)],
  ["readThriftV1", "\u000c\u007f\u007f\u007f\u007f\u000b\u0000\u0003\u007f\u007f\u007f\u007f"],
  ["readThriftV1", `\u000c\u0000\u0000\u0000\u0001${"\u000c\u0000\u0063".repeat(100_000)}`],
  ["decodeJaegerThrift", "\u000c\u0000\u0063".repeat(100_000)],
  ["readProto3", `\n\u007f${"\u000b".repeat(126)}`],
  ["decodeOtlpProto", "\u000b".repeat(100_000)],
])("%s refuses hostile nesting and lengths", (name, text) => {
  const decode = decoders[name];
  if (decode === undefined) throw new Error(`no decoder ${name}`);
  expect(outcome(decode, Buffer.from(text, "latin1"))).toBe("refused");
});
