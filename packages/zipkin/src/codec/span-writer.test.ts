import fc from "fast-check";
import { expect, test } from "vitest";
import { SpanWriter } from "./span-writer.ts";

function written(write: (writer: SpanWriter) => void): string {
  const writer = new SpanWriter(1);
  writer.begin();
  write(writer);
  writer.end();
  const { bytes, starts, ends } = writer.spans;
  return bytes.toString("utf8", starts[0], ends[0]);
}

test("numbers are written in all their digits", () => {
  const edges = [0, 1, 9, 10, 1e8 - 1, 1e8, 1e8 + 1, 1e15, 1e15 - 1, Number.MAX_SAFE_INTEGER];
  const nearRound = fc.nat(90_071_992).map((high) => Math.max(high * 1e8 - 1, 0));
  const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat(), nearRound);
  fc.assert(
    fc.property(number, (value) => {
      expect(written((writer) => writer.putNumber(value))).toBe(String(value));
    }),
    { numRuns: 5000 },
  );
});

test("texts stay, or lose their upper case, or are refused", () => {
  for (let code = 0; code < 256; code++) {
    const bytes = Buffer.from([0x61, code]);
    const letter = String.fromCharCode(code);
    const isPlain = code < 127 && JSON.stringify(letter) === `"${letter}"`;
    const text = written((writer) => expect(writer.putText(bytes, 0, 2)).toBe(isPlain));
    const name = written((writer) => expect(writer.putLowerCase(bytes, 0, 2)).toBe(isPlain));
    if (!isPlain) continue;
    expect(text).toBe(`a${letter}`);
    expect(name).toBe(`a${letter.toLowerCase()}`);
  }
});

test("a span that was dropped leaves nothing behind", () => {
  const writer = new SpanWriter(8);
  writer.putSpan('{"first":1}');
  writer.begin();
  writer.putAll(Buffer.from("half of a sp"));
  writer.drop();
  writer.putSpan('{"second":2}');
  const { bytes, starts, ends } = writer.spans;
  const texts = starts.map((start, i) => bytes.toString("utf8", start, ends[i]));
  expect(texts).toEqual(['{"first":1}', '{"second":2}']);
});
