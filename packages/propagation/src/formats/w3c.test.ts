import * as fc from "fast-check";
import { expect, test } from "vitest";
import parents from "../../goldens/traceparent.json" with { type: "json" };
import states from "../../goldens/tracestate.json" with { type: "json" };
import { parseTraceparent, writeTraceparent } from "./traceparent.ts";
import { parseTracestate } from "./tracestate.ts";

test.each(parents)("traceparent: reads $name", ({ values, expected }) => {
  expect(parseTraceparent(values)).toEqual(expected ?? undefined);
});

test.each(states)("tracestate: reads $name", ({ values, expected }) => {
  expect(parseTracestate(values)).toEqual(expected ?? undefined);
});

test("traceparent: a 64-bit trace id goes out padded, as version 00", () => {
  const written = writeTraceparent({
    traceId: "463ac35c9f6413ad",
    spanId: "e457b5a2e4d86bd1",
    sampled: true,
    random: false,
  });
  expect(written).toBe("00-0000000000000000463ac35c9f6413ad-e457b5a2e4d86bd1-01");
});

test("no string makes the parsers throw", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (values) => {
      const parent = parseTraceparent(values);
      if (parent !== undefined)
        expect(parseTraceparent([writeTraceparent(parent)])).toEqual(parent);
      const state = parseTracestate(values);
      if (state !== undefined) expect(parseTracestate([state])).toBe(state);
    }),
  );
});
