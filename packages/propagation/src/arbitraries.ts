import * as fc from "fast-check";
import type { Extracted, TraceContext } from "./trace-context.ts";

// Any value of the data model, for the property tests of this package.
const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length })
    .filter((id) => /[^0]/.test(id));

const ids = fc.record({ traceId: fc.oneof(hex(16), hex(32)), spanId: hex(16) });

const contexts: fc.Arbitrary<TraceContext> = fc
  .record({
    ids,
    parentId: fc.option(hex(16), { nil: undefined }),
    sampling: fc.constantFrom("unset", "not-sampled", "sampled", "debug"),
  })
  .map(({ ids, parentId, sampling }) => ({
    ...ids,
    ...(parentId === undefined ? {} : { parentId }),
    sampling,
    shared: false,
  }));

export const extractedValues: fc.Arbitrary<Extracted> = fc.oneof(
  contexts.map((context): Extracted => ({ kind: "context", context })),
  fc
    .constantFrom("not-sampled" as const, "sampled" as const, "debug" as const)
    .map((sampling): Extracted => ({ kind: "sampling-only", sampling })),
);

/** Strings near the grammar, where a parser is most likely to trip. */
export const nearB3: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEFd-, \u0000"), maxLength: 80 }),
);
