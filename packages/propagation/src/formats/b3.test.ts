import * as fc from "fast-check";
import { expect, test } from "vitest";
import cases from "../../goldens/b3.json" with { type: "json" };
import { extractedValues, nearB3 } from "../arbitraries.ts";
import { type HeaderRecord, recordGetter, recordSetter } from "../carrier.ts";
import { EMPTY, type Extracted } from "../trace-context.ts";
import { B3_FIELDS, type B3Format, extractB3, injectB3 } from "./b3.ts";

const T128 = "80f198ee56343ba864fe8b2a57d3eff7";
const SPAN = "e457b5a2e4d86bd1";
const PARENT = "05e3ac9a4f6e3b90";

function written(extracted: Extracted, format?: B3Format): HeaderRecord {
  const headers: Record<string, string> = {};
  injectB3(extracted, headers, recordSetter, format);
  return headers;
}

test.each(cases)("extracts $name", ({ carrier, expected }) => {
  expect(extractB3(carrier as HeaderRecord, recordGetter)).toEqual(expected);
});

test.each(["multi", "single", "both"] as const)("%s survives a round trip", (format) => {
  fc.assert(
    fc.property(extractedValues, (extracted) => {
      expect(extractB3(written(extracted, format), recordGetter)).toEqual(extracted);
    }),
  );
});

test("no carrier makes it throw", () => {
  const carriers = fc.dictionary(fc.constantFrom(...B3_FIELDS), nearB3);
  fc.assert(
    fc.property(carriers, (carrier) => {
      expect(extractB3(carrier, recordGetter).kind).toMatch(/^(context|sampling-only|empty)$/);
    }),
  );
});

test("multi says debug by flags alone", () => {
  const context = {
    traceId: T128,
    spanId: SPAN,
    parentId: PARENT,
    sampling: "debug",
    shared: false,
  } as const;
  expect(written({ kind: "context", context })).toEqual({
    "x-b3-traceid": T128,
    "x-b3-spanid": SPAN,
    "x-b3-parentspanid": PARENT,
    "x-b3-flags": "1",
  });
});

test("multi leaves an undecided state and an absent parent out", () => {
  const context = { traceId: T128, spanId: SPAN, sampling: "unset", shared: false } as const;
  expect(written({ kind: "context", context })).toEqual({
    "x-b3-traceid": T128,
    "x-b3-spanid": SPAN,
  });
});

test("single writes all in one header", () => {
  const context = {
    traceId: T128,
    spanId: SPAN,
    parentId: PARENT,
    sampling: "not-sampled",
    shared: false,
  } as const;
  expect(written({ kind: "context", context }, "single")).toEqual({
    b3: `${T128}-${SPAN}-0-${PARENT}`,
  });
});

test("nothing is written for nothing", () => {
  expect(written(EMPTY, "both")).toEqual({});
});
