/**
 * Reads a whole number in decimal digits of any script, with a sign or without, as Java does.
 * Undefined for anything else.
 */
export function parseInteger(text: string): bigint | undefined {
  if (/^[+-]?[0-9]+$/.test(text)) return BigInt(text.startsWith("+") ? text.slice(1) : text);
  if (!/^[+-]?\p{Nd}+$/u.test(text)) return undefined;
  // Characters beyond the basic plane are pairs to Java, and no digits.
  if (/[\u{10000}-\u{10ffff}]/u.test(text)) return undefined;
  return parseInteger(text.replace(/\p{Nd}/gu, digitOf));
}

/** The ten digits of a script follow one another. */
function digitOf(char: string): string {
  const code = char.charCodeAt(0);
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCharCode(zero - 1))) zero--;
  return String(code - zero);
}

/** Cuts off what Java's `trim` does: every character up to the space, at either end. */
export function trimLikeJava(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start++;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  return text.slice(start, end);
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/;
const HEXADECIMAL =
  /^([+-]?)0[xX](?=\.?[\da-fA-F])([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)[fFdD]?$/;

/** Reads a number as Java's `parseDouble` does: spaces around it, `1d`, `0x1p3`. NaN and infinity are numbers to it. */
export function parseJavaDouble(text: string): number | undefined {
  const trimmed = trimLikeJava(text);
  if (DECIMAL.test(trimmed)) return Number(trimmed.replace(/[fFdD]$/, ""));
  if (/^[+-]?(?:NaN|Infinity)$/.test(trimmed)) return Number.NaN;
  const [, sign, whole = "", fraction = "", exponent] = HEXADECIMAL.exec(trimmed) ?? [];
  if (sign === undefined) return undefined;
  const mantissa = Number(`0x0${whole}${fraction}`);
  const value = mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}
