/**
 * Header lines as Envoy 1.40's HTTP/1 parser reads them. It is lenient about line ends and folding and strict about names, and the
 * same verdicts are given here (goldens/http1-corpus.json).
 */

/** What a head is refused for, as Envoy's %RESPONSE_CODE_DETAILS%. */
export type HeadError =
  | "http1.codec_error"
  | "http1.invalid_characters"
  | "http1.too_many_headers"
  | "http1.headers_too_large"
  | "http1.content_length_and_chunked_not_allowed"
  | "http1.invalid_transfer_encoding"
  | "http1.invalid_url"
  | "http1.invalid_scheme"
  | "http1.body_disallowed"
  | "http1.https_url_on_plaintext_connection"
  | "http.invalid_authority";

/** Control characters never pass; a bare CR or a folded line needs the slow way. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these bytes are the subject
const unusual = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r[^\n]|\n[ \t]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these bytes are the subject
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
/** RFC 9110 5.6.2 token. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Names seen before, as sent -> lower case. Bounded: a flood of made-up names must not grow it. */
const knownNames = new Map<string, string>();
const maxKnownNames = 2048;

function lowerName(name: string): string | undefined {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  if (!token.test(name)) return undefined;
  const lower = name.toLowerCase();
  if (knownNames.size < maxKnownNames && name.length <= 64) knownNames.set(name, lower);
  return lower;
}

/** True when `text` needs more than the plain reading; an error when it can never be right. */
export function inspectHead(text: string): "plain" | "unusual" | "http1.invalid_characters" {
  if (!unusual.test(text)) return "plain";
  return controls.test(text) ? "http1.invalid_characters" : "unusual";
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

export function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Where the line that begins at `from` ends, folded lines included: the index of its last LF. */
function lineEnd(text: string, from: number, folded: boolean): number {
  let end = text.indexOf("\n", from);
  if (!folded) return end;
  while (end !== -1) {
    const next = text.charCodeAt(end + 1);
    if (next !== 0x20 && next !== 0x09) return end;
    end = text.indexOf("\n", end + 1);
  }
  return end;
}

/**
 * Reads header lines from `from` up to the empty line, appending name and value to `lines`. `text` must end with that empty line.
 * Line breaks inside a folded value and bare CRs vanish, as they do in Envoy.
 */
export function parseHeaderLines(
  text: string,
  from: number,
  lines: string[],
  isUnusual: boolean,
): HeadError | undefined {
  let position = from;
  if (isUnusual && isBlank(text.charCodeAt(position)) && text.charCodeAt(position) <= 0x20) {
    const code = text.charCodeAt(position);
    if (code === 0x20 || code === 0x09) return "http1.codec_error";
  }
  for (;;) {
    const first = text.charCodeAt(position);
    if (first === 0x0a) return undefined;
    if (first === 0x0d && text.charCodeAt(position + 1) === 0x0a) return undefined;
    const end = lineEnd(text, position, isUnusual);
    if (end === -1) return undefined;
    const colon = text.indexOf(":", position);
    if (colon === -1 || colon > end) return "http1.codec_error";
    const name = lowerName(text.slice(position, colon));
    if (name === undefined) return "http1.codec_error";
    let value = trimmed(text, colon + 1, end);
    if (isUnusual) value = value.replace(/[\r\n]/g, "");
    lines.push(name, value);
    position = end + 1;
  }
}

const maxUint64 = 18446744073709551615n;

/** A content-length value, or undefined where it is not a 64-bit decimal. Beyond 2^53 the number is inexact, which no transfer reaches. */
export function parseContentLength(value: string): number | undefined {
  if (!/^[0-9]+$/.test(value)) return undefined;
  if (value.length >= 20 && BigInt(value) > maxUint64) return undefined;
  return Number(value);
}

/** Whether a comma-separated list holds `word` (lower-case), whatever its case there. */
export function listHas(value: string, word: string): boolean {
  if (value.length === word.length) return value.toLowerCase() === word;
  if (value.length < word.length) return false;
  for (const part of value.toLowerCase().split(",")) if (part.trim() === word) return true;
  return false;
}
