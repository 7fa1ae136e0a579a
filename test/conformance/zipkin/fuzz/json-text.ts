import fc from "fast-check";

/** JSON as it is written: keys may repeat, numbers keep their digits, anything may be malformed. */
export type JsonText =
  | { readonly kind: "raw"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly JsonText[] }
  | { readonly kind: "object"; readonly members: readonly Member[] };

export type Member = readonly [key: string, value: JsonText];

export function raw(text: string): JsonText {
  return { kind: "raw", text };
}
export function string(text: string): JsonText {
  return { kind: "string", text };
}
export function list(items: readonly JsonText[]): JsonText {
  return { kind: "list", items };
}
export function object(members: readonly Member[]): JsonText {
  return { kind: "object", members };
}

/** How a reporter may write what means the same. */
export interface JsonStyle {
  readonly space: string;
  readonly escaped: boolean;
}

export const styles: fc.Arbitrary<JsonStyle> = fc.record({
  space: fc.oneof(
    { weight: 4, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom(" ", "\n  ", "\r\n", "\t") },
  ),
  escaped: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
});

export function writeJson(value: JsonText, style: JsonStyle): string {
  const { space } = style;
  switch (value.kind) {
    case "raw":
      return value.text;
    case "string":
      return quote(value.text, style);
    case "list":
      return `[${space}${value.items.map((item) => writeJson(item, style)).join(`,${space}`)}${space}]`;
    case "object":
      return `{${space}${value.members
        .map(([key, item]) => `${quote(key, style)}${space}:${space}${writeJson(item, style)}`)
        .join(`${space},${space}`)}${space}}`;
  }
}

function quote(text: string, { escaped }: JsonStyle): string {
  const plain = JSON.stringify(text);
  if (!escaped) return plain;
  // Marks stay as they are: they are replaced later.
  return plain.replace(/[g-z/<](?![^~]*~)/g, (char) =>
    char === "/" ? "\\/" : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Values in places that do not expect them. */
export const junk: fc.Arbitrary<JsonText> = fc.oneof(
  fc.constantFrom("null", "true", "false", "TRUE", "False", "Null").map(raw),
  fc
    .constantFrom(
      "null",
      "true",
      "false",
      "0",
      "-0",
      "-1",
      "1",
      "1.0",
      "1.5",
      "1e3",
      "1E-2",
      "-1.0",
      "12345678901234567890",
      "9223372036854775807",
      "9223372036854775808",
      "-9223372036854775808",
      "1e400",
      "01",
      "1.",
      ".5",
      "+1",
      "NaN",
      "-Infinity",
      "0x10",
      "nul",
      "'a'",
      "bare",
      "",
      "[]",
      "{}",
      "[null]",
      "[[]]",
      "[{}]",
      '{"a":{"b":[1,{"c":null}]}}',
      '{"a":1,}',
      "[1,]",
      "[,]",
      "{,}",
      '{"a"}',
      '{"a":}',
      "{1:2}",
      '"\\u12"',
      '"\\x"',
      '"\\ud83d\\ude00"',
      '"a\nb"',
      '"\\\n"',
      '"\\\'"',
      "/* c */ 1",
      "1 // c\n",
      "#c\n1",
      "1;",
      "]",
      "}",
      '"unterminated',
    )
    .map(raw),
  fc
    .constantFrom(
      "",
      " ",
      "0",
      "-0",
      "1",
      "+1",
      "-1",
      "007",
      "1.0",
      "1.5",
      "1e3",
      "1e-3",
      " 1 ",
      "1L",
      "1d",
      "0x1p3",
      "0x10",
      "NaN",
      "Infinity",
      "٣",
      "12345678901234567890",
      "9223372036854775807",
      "9223372036854775808",
      "true",
      "null",
      "CLIENT",
      "client",
      "SERVER ",
      "ABC",
      "g",
      "-",
      "a".repeat(16),
      "a".repeat(17),
      "a".repeat(31),
      "a".repeat(32),
      "a".repeat(33),
      "A".repeat(16),
      "0".repeat(16),
      "0".repeat(17),
      "0".repeat(32),
      `${"0".repeat(16)}~w00000001`,
      `${"0".repeat(3)}~w00000001`,
      "~u5000~",
      "8080",
      "65536",
      "-1.0",
    )
    .map(string),
  fc.json({ maxDepth: 2 }).map(raw),
);
