/** What must be escaped in a JSON string, and lone surrogates, which have no UTF-8 form. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

/** `text` with its quotes. Most strings need no escape; then this is a concatenation. */
export function jsonString(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}
