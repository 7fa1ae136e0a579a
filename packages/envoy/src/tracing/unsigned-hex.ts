/**
 * Reads ids as Envoy does, with absl's number parser in base 16: short ids are accepted, and so are a `+`, a `0x` prefix and blanks
 * around; a foreign character or a value above 64 bits is an error.
 */

const canonical = /^[0-9a-f]{16}$/;
const accepted = /^[ \t\n\v\f\r]*\+?(?:0[xX])?([0-9a-fA-F]+)[ \t\n\v\f\r]*$/;
const leadingZeros = /^0+(?=.)/;

/** 16 lower-case hex digits, or undefined where Envoy would refuse. */
export function parseUnsignedHex(text: string): string | undefined {
  if (text.length === 16 && canonical.test(text)) return text;
  const digits = accepted.exec(text)?.[1]?.replace(leadingZeros, "");
  if (digits === undefined || digits.length > 16) return undefined;
  return digits.toLowerCase().padStart(16, "0");
}
