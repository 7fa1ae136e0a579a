import fc from "fast-check";
import * as values from "./span-values.ts";

/** What questions are made of: as it should be, at the edge, and wrong. Marks as in world.ts; `%raw:` is written as it stands. */

const numbers = fc.constantFrom(
  "0",
  "-0",
  "1",
  "-1",
  "+1",
  "2",
  "10",
  "00010",
  "1000",
  "2147483647",
  "2147483648",
  "-2147483649",
  "9223372036854775807",
  "9223372036854775808",
  "99999999999999999999",
  "1.0",
  "1e3",
  "0x1",
  " 1",
  "1 ",
  "",
  "abc",
  "NaN",
  "null",
  "٣",
  "1,2",
  "1_000",
);
export const rarelyOdd = (usual: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: numbers });
/** A window that reaches further than 64 bits of microseconds finds nothing in the real server; see RATIONALE.md. */
const instants = (usual: fc.Arbitrary<string>) =>
  rarelyOdd(usual).filter((text) => text !== "9223372036854775807");

export const endTimes: fc.Arbitrary<string> = instants(
  fc.oneof(
    fc.constantFrom("~m59999~", "~m0~", "~m1~", "~m2~", "~m500~", "~m1000~", "~m30000~"),
    fc.integer({ min: 0, max: 60_000 }).map((ms) => `~m${ms}~`),
  ),
);
export const lookbacks: fc.Arbitrary<string> = instants(
  fc.oneof(
    fc.constantFrom("1", "59999", "1000", "499"),
    fc.integer({ min: 1, max: 60_000 }).map(String),
  ),
);

export const queriedServices: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: values.serviceNames },
  { weight: 2, arbitrary: fc.constantFrom("a-~w", "A-~w", "front-~w", "b-~w") },
  { weight: 1, arbitrary: fc.constantFrom("", "all", " a-~w", "unknown", "%raw:a%2D~w", "%raw:%") },
);
export const annotationQueries: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "error",
    "env=prod-~w",
    "env=v-~w",
    "env",
    "env=",
    "error and env",
    "error and env=v-~w",
    "env=v-~w and env=prod-~w",
    "env=v-~w and env",
    "http.path=a b=c",
    " error ",
    "error and ",
    " and ",
    "and",
    "error AND env",
    "error  and  env",
    "=",
    "=1",
    "",
    "cache.miss",
    "ws and error",
    "a=b",
    "a b",
    "%raw:error+and+env",
    "%raw:error%20and%20env%3Dv-~w",
    "%raw:env%3dv-~w",
    "%raw:%C3%A4",
    "%raw:%E4",
    "%raw:%zz",
    "%raw:a&b",
    "%raw:env=v-~w",
    Array.from({ length: 120 }, () => "error").join(" and "),
  ),
  fc.tuple(values.tagKeys, values.tagValues).map(([key, value]) => `${key}=${value}`),
  fc
    .array(
      fc
        .tuple(
          fc.constantFrom("env", "error", "region", "ws"),
          fc.constantFrom("", "=", "=v-~w", "=1"),
        )
        .map((parts) => parts.join("")),
      { minLength: 2, maxLength: 3 },
    )
    .map((conditions) => conditions.join(" and ")),
  values.annotationTexts,
);

export const idTexts: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: values.traceIds },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "~w00000009",
      "%20~w00000001%20",
      "%09~w00000001",
      "~w00000001+",
      "0000000000000000",
      "0",
      "00000000000000000000000000000000",
      "a".repeat(33),
      "ABCDEF",
      "~W00000001",
      "0x1",
      "xyz",
      "%00",
      "%C3%A4",
      "%zz",
      "%",
      "a%2Fb",
      "a/b",
      "~w00000001/",
      "~w00000001;a=b",
      "..",
      ".",
      "%2e%2e",
      "",
      "a,b",
    ),
  },
);

export const idLists: fc.Arbitrary<string> = fc
  .array(idTexts, { maxLength: 4 })
  .map((ids) => ids.join(","))
  .map((text) => `%raw:${text}`);

export const accepting: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { accept: "text/html" },
      { accept: "application/json" },
      { accept: "application/xml;q=0.9, nonsense" },
      { "accept-encoding": "gzip" },
      { "accept-encoding": "gzip, deflate, br" },
      { "accept-encoding": "br, gzip;q=0.5" },
      { "accept-encoding": "gzip;q=0" },
      { "accept-encoding": "identity" },
      { "accept-encoding": "deflate" },
      { "accept-encoding": "*" },
      { origin: "http://example.com" },
      { origin: "null" },
      { origin: "http://example.com", "access-control-request-method": "POST" },
    ),
  },
);
