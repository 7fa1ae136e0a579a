/** Above ASCII. */
const high = /[\u0080-\uffff]/;

/** Text as its UTF-8 bytes, one a character, as header values are. */
export function utf8Bytes(text: string): string {
  return high.test(text) ? Buffer.from(text).toString("latin1") : text;
}
