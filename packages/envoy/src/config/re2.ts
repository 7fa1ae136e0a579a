/**
 * RE2's syntax, spelled for V8: Envoy's expressions are RE2's, and what RE2 refuses is refused here in its words.
 * https://github.com/google/re2/wiki/Syntax. V8 backtracks where RE2 does not: an expression such as (a*)*b can be slow.
 */

import { characterClass, characterEscape, setEscape } from "./re2-characters.ts";
import { fail, Re2Error, type Reader } from "./re2-reader.ts";

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
    out += atom.source + quantifier(reader, atom.quantifiable);
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
    // In a group of their own, since V8 repeats groups but no assertions.
    case "^":
      reader.at++;
      return { source: flags.multiline ? "(?m:^)" : "(?:^)", quantifiable: true };
    case "$":
      reader.at++;
      return { source: flags.multiline ? "(?m:$)" : "(?:$)", quantifiable: true };
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
  const name = /^\(\?P?<[A-Za-z0-9_]+>/.exec(rest);
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

function quantifier(reader: Reader, quantifiable: boolean): string {
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
  return text;
}

function escaped(reader: Reader, flags: Flags): Atom {
  const { pattern } = reader;
  const letter = pattern[reader.at + 1];
  if (letter === undefined) return fail("trailing \\");
  if (letter === "Q") return quoted(reader, flags);
  const fixed: Readonly<Record<string, string>> = {
    A: "(?:(?<![\\s\\S]))",
    z: "(?:(?![\\s\\S]))",
    b: "(?:\\b)",
    B: "(?:\\B)",
  };
  const assertion = Object.hasOwn(fixed, letter) ? fixed[letter] : undefined;
  if (assertion !== undefined) {
    reader.at += 2;
    return { source: assertion, quantifiable: true };
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
