/** Escapes and character classes of RE2, spelled for V8. https://github.com/google/re2/wiki/Syntax */
import { fail, type Reader } from "./re2-reader.ts";

/** ASCII only, unlike V8's \s; \v is not a space to RE2. */
const perlClasses: Readonly<Record<string, string>> = {
  d: "0-9",
  w: "0-9A-Za-z_",
  s: "\\t\\n\\f\\r ",
};

const controls: Readonly<Record<string, string>> = {
  a: "\\x07",
  f: "\\f",
  n: "\\n",
  r: "\\r",
  t: "\\t",
  v: "\\v",
};

export interface SetEscape {
  readonly members: string;
  readonly negated: boolean;
}

/** \d \W \pL \P{Greek}; undefined when another escape stands here. */
export function setEscape(reader: Reader): SetEscape | undefined {
  const { pattern } = reader;
  const letter = pattern[reader.at + 1] ?? "";
  const perl = perlClasses[letter.toLowerCase()];
  if (perl !== undefined) {
    reader.at += 2;
    return { members: perl, negated: letter !== letter.toLowerCase() };
  }
  if (letter !== "p" && letter !== "P") return undefined;
  const match = /^\\[pP](?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))/.exec(pattern.slice(reader.at));
  if (match === null)
    return fail(`invalid character class range: ${pattern.slice(reader.at, reader.at + 3)}`);
  const [text, caret, long, short] = match;
  const name = long ?? short ?? "";
  const members = unicodeProperty(name) ?? fail(`invalid character class range: ${text}`);
  reader.at += text.length;
  return { members, negated: (letter === "P") !== (caret === "^") };
}

/** RE2 takes general categories and scripts without saying which. */
function unicodeProperty(name: string): string | undefined {
  if (name === "Any") return "\\u{0}-\\u{10FFFF}";
  for (const property of [`\\p{${name}}`, `\\p{Script=${name}}`]) {
    try {
      new RegExp(property, "u");
      return property;
    } catch {
      // Not a name of that kind: try the next.
    }
  }
  return undefined;
}

/** One character behind a backslash, as V8 source. */
export function characterEscape(reader: Reader): string {
  const { pattern } = reader;
  const rest = pattern.slice(reader.at);
  const letter = String.fromCodePoint(rest.codePointAt(1) ?? 0);
  const bad = (): never => fail(`invalid escape sequence: ${rest.slice(0, 2)}`);
  const control = controls[letter];
  if (control !== undefined) {
    reader.at += 2;
    return control;
  }
  const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
  const hex = /^\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/.exec(rest);
  const code =
    octal?.[1] !== undefined
      ? Number.parseInt(octal[1], 8)
      : Number.parseInt(hex?.[1] ?? hex?.[2] ?? "", 16);
  const text = octal?.[0] ?? hex?.[0];
  if (text !== undefined) {
    if (code > 0x10ffff) bad();
    reader.at += text.length;
    return `\\u{${code.toString(16)}}`;
  }
  if (/[0-9A-Za-z]/.test(letter)) bad();
  reader.at += 1 + letter.length;
  return letter.codePointAt(0) === undefined || (letter.codePointAt(0) ?? 0) > 127
    ? letter
    : `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;
}

const posixClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

export function characterClass(reader: Reader): string {
  const { pattern } = reader;
  const start = reader.at;
  reader.at++;
  const negated = pattern[reader.at] === "^";
  if (negated) reader.at++;
  const parts: string[] = [];
  // Negated sets inside a set: V8 needs an alternative for each of them.
  const negatedParts: string[] = [];
  let first = true;
  while (first || pattern[reader.at] !== "]") {
    if (reader.at >= pattern.length) fail(`missing ]: ${pattern.slice(start)}`);
    const set = posixClass(reader) ?? (pattern[reader.at] === "\\" ? setEscape(reader) : undefined);
    if (set === undefined) parts.push(classRange(reader));
    else if (set.negated) negatedParts.push(set.members);
    else parts.push(set.members);
    first = false;
  }
  reader.at++;
  if (negatedParts.length === 0) return `[${negated ? "^" : ""}${parts.join("")}]`;
  const options = negatedParts.map((members) => `[^${members}]`);
  if (parts.length > 0) options.push(`[${parts.join("")}]`);
  const union = options.join("|");
  return negated ? `(?:(?!${union})[\\s\\S])` : `(?:${union})`;
}

function posixClass(reader: Reader): SetEscape | undefined {
  const match = /^\[:(\^?)([A-Za-z]+):\]/.exec(reader.pattern.slice(reader.at));
  if (match === null) return undefined;
  const members =
    posixClasses[match[2] ?? ""] ?? fail(`invalid character class range: ${match[0]}`);
  reader.at += match[0].length;
  return { members, negated: match[1] === "^" };
}

function classRange(reader: Reader): string {
  const { pattern } = reader;
  const start = reader.at;
  const low = classCharacter(reader);
  if (pattern[reader.at] !== "-" || pattern[reader.at + 1] === "]") return low;
  if (reader.at + 1 >= pattern.length) return low;
  reader.at++;
  const high = classCharacter(reader);
  const range = `${low}-${high}`;
  try {
    new RegExp(`[${range}]`, "u");
  } catch {
    fail(`invalid character class range: ${pattern.slice(start, reader.at)}`);
  }
  return range;
}

function classCharacter(reader: Reader): string {
  const { pattern } = reader;
  if (pattern[reader.at] === "\\") {
    if (reader.at + 1 >= pattern.length) fail("trailing \\");
    return characterEscape(reader);
  }
  const character = String.fromCodePoint(pattern.codePointAt(reader.at) ?? 0);
  reader.at += character.length;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
