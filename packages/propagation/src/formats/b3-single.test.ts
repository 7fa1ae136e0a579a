import * as fc from "fast-check";
import { expect, test } from "vitest";
import cases from "../../goldens/b3-single.json" with { type: "json" };
import { extractedValues, nearB3 } from "../arbitraries.ts";
import { EMPTY } from "../trace-context.ts";
import { parseB3Single, writeB3Single } from "./b3-single.ts";

test.each(cases)("reads $name", ({ value, expected }) => {
  expect(parseB3Single(value)).toEqual(expected ?? undefined);
});

test("what is written reads as what it was", () => {
  fc.assert(
    fc.property(extractedValues, (extracted) => {
      expect(parseB3Single(writeB3Single(extracted) ?? "")).toEqual(extracted);
    }),
  );
});

test("any string either is malformed or writes back to itself", () => {
  fc.assert(
    fc.property(nearB3, (value) => {
      const parsed = parseB3Single(value);
      if (parsed !== undefined) expect(writeB3Single(parsed)).toBe(value);
    }),
  );
});

test("nothing is written for nothing", () => {
  expect(writeB3Single(EMPTY)).toBeUndefined();
});
