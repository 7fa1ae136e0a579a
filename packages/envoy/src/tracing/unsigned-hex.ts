/**
 * Reads ids as Envoy does: with C's strtoull in base 16. So short ids are accepted, and so are a sign, a `0x` prefix and leading blanks;
 * only a foreign character or a value above 64 bits is an error.
 */

const canonical = /^[0-9a-f]{16}$/;
const strtoull = /^[ \t\n\v\f\r]*([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-fA-F]+)$/;
const leadingZeros = /^0+(?=.)/;

/** 16 lower-case hex digits, or undefined where strtoull would refuse. */
export function parseUnsignedHex(text: string): string | undefined {
  if (text.length === 16 && canonical.test(text)) return text;
  const match = strtoull.exec(text);
  if (match === null) return undefined;
  const digits = (match[2] as string).replace(leadingZeros, "");
  if (digits.length > 16) return undefined;
  if (match[1] !== "-") return digits.toLowerCase().padStart(16, "0");
  return BigInt.asUintN(64, -BigInt(`0x${digits}`))
    .toString(16)
    .padStart(16, "0");
}

/** 1 to 8 digits' worth of a number, as a request id's first eight characters; undefined where strtoull would refuse. */
export function parseUnsignedHexNumber(text: string): bigint | number | undefined {
  const hex = parseUnsignedHex(text);
  if (hex === undefined) return undefined;
  return hex.startsWith("00000000") ? Number.parseInt(hex.slice(8), 16) : BigInt(`0x${hex}`);
}
