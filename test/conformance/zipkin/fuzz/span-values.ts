import fc from "fast-check";

/** What spans are made of, in the same few values again and again, so that they meet. Marks as in world.ts. */

export const traceIds: fc.Arbitrary<string> = fc.oneof(
  // Of those that begin with a digit of their own a sampling rate keeps some.
  { weight: 1, arbitrary: fc.constantFrom("10000000~w", "70000000~w", "90000000~w", "f0000000~w") },
  { weight: 6, arbitrary: fc.constantFrom("~w00000001", "~w00000002", "~w00000003") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "000000000000000a~w00000001",
      "000000000000000b~w00000001",
      "0000000000000000~w00000001",
      "ffffffffffffffff~w00000002",
      "c~w00000002",
      "0~w00000003",
      "00000~w00000003",
      "~w1",
    ),
  },
);

const spanId = fc.constantFrom(
  "0000000000000001",
  "0000000000000002",
  "0000000000000003",
  "0000000000000004",
  "00000000000000f5",
  "abcdef0123456789",
);
export const spanIds: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: spanId },
  { weight: 1, arbitrary: fc.constantFrom("1", "02", "f5", "00", "000000000000000") },
);
export const parentIds: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: spanId },
  { weight: 1, arbitrary: fc.constantFrom("1", "02", "0", "0000000000000000", "9999") },
);

export const kinds: fc.Arbitrary<string> = fc.constantFrom(
  "CLIENT",
  "SERVER",
  "PRODUCER",
  "CONSUMER",
);

export const oddTexts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "ALL",
    "all",
    "ÄÖÜ straße",
    "İstanbul",
    "ΣΑΣ",
    "日本語",
    "😀",
    'a"b\\c/d',
    "</script><b>&",
    "line\nbreak\ttab",
    "\u0000\u0001\u001f\u007f",
    "\u2028\u2029\u0085\u00a0",
    "a=b and c",
    "x".repeat(300),
    "\ufeff",
  ),
  fc.string({ maxLength: 8 }),
  // Java 17 does not know the lower case of letters that came with Unicode 14 and later.
  fc
    .string({ unit: "grapheme", maxLength: 6 })
    .filter((text) => !/\p{Lu}/u.test(text) || /^[\0-\u{ffff}]*$/u.test(text)),
);

export const serviceNames: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a-~w", "b-~w", "c-~w", "Front-~w", "FRONT-~w") },
  { weight: 1, arbitrary: oddTexts.map((text) => (text === "" ? "" : `${text}~w`)) },
);

export const spanNames: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("get", "GET", "post /x", "all", "") },
  { weight: 1, arbitrary: oddTexts },
);

/** Microseconds into the world's minute: few values, some of them in one millisecond. */
export const offsets: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(1, 999, 1000, 1001, 1500, 2000, 500_000, 1_000_000, 30_000_000),
  fc.integer({ min: 1, max: 50_000_000 }),
);

export const durations: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(1, 10, 999, 1000, 1001, 200_000),
  fc.integer({ min: 1, max: 10_000_000 }),
);

export const ipTexts: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("10.0.0.1", "10.0.0.2", "192.168.99.101", "2001:db8::1", "::1"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "::",
      "0.0.0.0",
      "255.255.255.255",
      "256.1.1.1",
      "01.2.3.4",
      "001.02.03.004",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.4 ",
      "::ffff:1.2.3.4",
      "::FFFF:1.2.3.4",
      "::ff0f:1.2.3.4",
      "::0000:1.2.3.4",
      "::1.2.3.4",
      "::ffff:102:304",
      "::102:304",
      "::2",
      "0:0:0:0:0:ffff:102:304",
      "0:0:0:0:0:ffff:1.2.3.4",
      "64:ff9b::1.2.3.4",
      "1:0:0:2:0:0:0:3",
      "1:0:2:0:3:0:4:0",
      "1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7::",
      "::2:3:4:5:6:7:8",
      "1:0:0:0:1:0:0:0",
      "0:0:0:1:0:0:0:0",
      "1:0:0:0:0:0:0:0",
      "fe80::1%eth0",
      "2001:DB8:0:0::00AB",
      "1::2::3",
      ":1:2:3:4:5:6:7",
      "12345::",
      "00001::",
      "g::1",
      "localhost",
      "1:2:3",
      ":::",
      "abcd",
    ),
  },
  { weight: 1, arbitrary: fc.ipV4() },
  { weight: 1, arbitrary: fc.ipV6() },
);

export const ports: fc.Arbitrary<number> = fc.constantFrom(0, 1, 80, 8080, 32768, 65535);

export const tagKeys: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("error", "env", "region", "http.path", "lc") },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.constantFrom("", "a b", "a=b", "__proto__", "constructor", "10", "9", "Z", "ä", "sa"),
      oddTexts,
    ),
  },
);

export const tagValues: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("", "v-~w", "prod-~w", "1", "a b=c", "true") },
  { weight: 1, arbitrary: oddTexts },
);

export const annotationTexts: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("ws", "error", "cache.miss", "", "env") },
  { weight: 1, arbitrary: oddTexts },
);
