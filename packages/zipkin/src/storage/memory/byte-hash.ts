/** FNV-1a over a range of bytes. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), PRIME);
  return hash;
}

/** The number by which it grows. */
export const PRIME = 0x01000193;

/** A text as it stands between quotes in a stored span: escaped, in UTF-8. */
export function rawText(text: string): Buffer {
  return Buffer.from(JSON.stringify(text).slice(1, -1));
}
