/**
 * RE2's syntax, spelled for V8: Envoy's expressions are RE2's, and what RE2 refuses is refused here in its words.
 * https://github.com/google/re2/wiki/Syntax. V8 backtracks where RE2 does not: an expression such as (a*)*b can be slow.
 */

export type Translated =
  | { readonly ok: true; readonly source: string; readonly flags: string }
  | { readonly ok: false; readonly error: string };

/** The V8 source of an RE2 expression, for the `u` flag. */
export function translateRe2(pattern: string): Translated {
  const reader: Reader = { pattern, at: 0 };
  try {
    const source = alternatives(reader, { dotAll: false, caseless: false, multiline: false }, 0);
    if (reader.at < pattern.length) fail(`unexpected ): ${pattern}`);
    // What V8 itself refuses (a range out of order, say) RE2 refuses too.
    new RegExp(source, "u");
    return { ok: true, source, flags: "u" };
  } catch (error) {
    if (error instanceof Re2Error) return { ok: false, error: error.message };
    if (error instanceof SyntaxError) return { ok: false, error: `invalid regexp: ${pattern}` };
    throw error;
  }
}

class Re2Error extends Error {}

function fail(message: string): never {
  throw new Re2Error(message);
}

interface Reader {
  readonly pattern: string;
  at: number;
}

/** Flags in force; V8 has no flag for one half of an expression, so they are spelled out where they matter. */
interface Flags {
  readonly dotAll: boolean;
  readonly caseless: boolean;
  readonly multiline: boolean;
}

const maxDepth = 250;
/** RE2 refuses larger counts. */
const maxRepeat = 1000;

function alternatives(reader: Reader, outer: Flags, depth: number): string {
  if (depth > maxDepth) fail("expression nests too deeply");
  const { pattern } = reader;
  let flags = outer;
  let out = "";
  while (reader.at < pattern.length && pattern[reader.at] !== ")") {
    const start = reader.at;
    if (pattern[start] === "|") {
      reader.at++;
      out += "|";
      continue;
    }
    const switched = flagGroup(reader, flags);
    if (switched !== undefined) {
      flags = switched;
      continue;
    }
    const atom = oneAtom(reader, flags, depth);
    out += atom.source + quantifier(reader, start, atom.quantifiable);
  }
  return out;
}

interface Atom {
  readonly source: string;
  readonly quantifiable: boolean;
}

/** `(?i)`: from here to the end of the group. Undefined when something else stands here. */
function flagGroup(reader: Reader, flags: Flags): Flags | undefined {
  const match = /^\(\?([imsU]*)(?:-([imsU]+))?\)/.exec(reader.pattern.slice(reader.at));
  if (match === null) return undefined;
  if (match[0] === "(?)") fail(`missing argument to repetition operator: ?`);
  reader.at += match[0].length;
  return withFlags(flags, match[1] ?? "", match[2] ?? "", match[0]);
}

function withFlags(flags: Flags, on: string, off: string, text: string): Flags {
  if (on.includes("U") || off.includes("U")) fail(`invalid perl operator: ${text}`);
  const value = (letter: string, before: boolean): boolean =>
    off.includes(letter) ? false : on.includes(letter) || before;
  return {
    dotAll: value("s", flags.dotAll),
    caseless: value("i", flags.caseless),
    multiline: value("m", flags.multiline),
  };
}

function oneAtom(reader: Reader, flags: Flags, depth: number): Atom {
  const { pattern } = reader;
  const character = String.fromCodePoint(pattern.codePointAt(reader.at) ?? 0);
  switch (character) {
    case "(":
      return { source: group(reader, flags, depth), quantifiable: true };
    case "[":
      return { source: caseless(characterClass(reader), flags), quantifiable: true };
    case "\\":
      return escaped(reader, flags);
    case ".":
      reader.at++;
      return { source: flags.dotAll ? "[\\s\\S]" : "[^\\n]", quantifiable: true };
    case "^":
      reader.at++;
      return { source: flags.multiline ? "(?m:^)" : "^", quantifiable: true };
    case "$":
      reader.at++;
      return { source: flags.multiline ? "(?m:$)" : "$", quantifiable: true };
    case "*":
    case "+":
    case "?":
      return fail(`no argument for repetition operator: ${character}`);
    default:
      reader.at += character.length;
      return { source: caseless(literal(character), flags), quantifiable: true };
  }
}

function caseless(source: string, flags: Flags): string {
  return flags.caseless ? `(?i:${source})` : source;
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function group(reader: Reader, outer: Flags, depth: number): string {
  const { pattern } = reader;
  const rest = pattern.slice(reader.at);
  let flags = outer;
  let open = "(";
  const scoped = /^\(\?([imsU]*)(?:-([imsU]+))?:/.exec(rest);
  const name = /^\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>/.exec(rest);
  if (scoped !== null) {
    flags = withFlags(outer, scoped[1] ?? "", scoped[2] ?? "", scoped[0]);
    reader.at += scoped[0].length;
    open = "(?:";
  } else if (name !== null) {
    const [text] = name;
    // Only numbers can refer to a group in a substitution; RE2 lets a name occur twice, V8 does not.
    reader.at += text.length;
  } else if (rest.startsWith("(?P")) {
    const end = rest.indexOf(">");
    fail(`invalid named capture group: ${end < 0 ? rest : rest.slice(0, end + 1)}`);
  } else if (rest.startsWith("(?")) {
    fail(`invalid perl operator: ${rest.slice(0, rest[2] === "<" ? 4 : 3)}`);
  } else {
    reader.at++;
  }
  const body = alternatives(reader, flags, depth + 1);
  if (pattern[reader.at] !== ")") fail(`missing ): ${pattern}`);
  reader.at++;
  return `${open}${body})`;
}

function quantifier(reader: Reader, start: number, quantifiable: boolean): string {
  const match = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(reader.pattern.slice(reader.at));
  if (match === null) return "";
  const [text, least, , most] = match;
  if (!quantifiable) fail(`no argument for repetition operator: ${text}`);
  const counts = [least, most].map((count) => (count ? Number(count) : undefined));
  if (counts.some((count) => count !== undefined && count > maxRepeat)) {
    fail(`invalid repetition size: ${text}`);
  }
  if (counts[0] !== undefined && counts[1] !== undefined && counts[0] > counts[1]) {
    fail(`invalid repetition size: ${text}`);
  }
  reader.at += text.length;
  const second = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(reader.pattern.slice(reader.at));
  if (second !== null) {
    const operators = reader.pattern.slice(reader.at - text.length, reader.at + second[0].length);
    fail(`bad repetition operator: ${operators}`);
  }
  // An assertion cannot be repeated in V8; repeated zero or more times it says nothing, else it says itself.
  const atom = reader.pattern.slice(start, reader.at - text.length);
  if (atom === "^" || atom === "$") return /^[*?]|^\{0/.test(text) ? "{0}".repeat(0) : "";
  return text;
}

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

function escaped(reader: Reader, flags: Flags): Atom {
  const { pattern } = reader;
  const letter = pattern[reader.at + 1];
  if (letter === undefined) return fail("trailing \\");
  if (letter === "Q") return quoted(reader, flags);
  const fixed: Readonly<Record<string, string>> = {
    A: "(?<![\\s\\S])",
    z: "(?![\\s\\S])",
    b: "\\b",
    B: "\\B",
  };
  const assertion = Object.hasOwn(fixed, letter) ? fixed[letter] : undefined;
  if (assertion !== undefined) {
    reader.at += 2;
    return { source: assertion, quantifiable: false };
  }
  if (letter === "C") {
    reader.at += 2;
    return { source: "[\\s\\S]", quantifiable: true };
  }
  const set = setEscape(reader);
  if (set !== undefined) {
    const source = set.negated ? `[^${set.members}]` : `[${set.members}]`;
    return { source: caseless(source, flags), quantifiable: true };
  }
  return { source: caseless(characterEscape(reader), flags), quantifiable: true };
}

/** \Q...\E: all of it literal. */
function quoted(reader: Reader, flags: Flags): Atom {
  const { pattern } = reader;
  const start = reader.at + 2;
  const end = pattern.indexOf("\\E", start);
  const text = pattern.slice(start, end < 0 ? undefined : end);
  reader.at = end < 0 ? pattern.length : end + 2;
  return {
    source: caseless([...text].map(literal).join(""), flags),
    quantifiable: text.length > 0,
  };
}

interface SetEscape {
  readonly members: string;
  readonly negated: boolean;
}

/** \d \W \pL \P{Greek}; undefined when another escape stands here. */
function setEscape(reader: Reader): SetEscape | undefined {
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
function characterEscape(reader: Reader): string {
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

function characterClass(reader: Reader): string {
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
