/** Bytes above ASCII. */
const high = /[\u0080-\u00ff]/;

/**
 * A header value as text. Codecs hand header bytes over as they are, one character a byte; a span or log line is UTF-8, so what is
 * above ASCII is read as that, and what is not UTF-8 becomes U+FFFD.
 */
export function headerText(value: string): string {
  return high.test(value) ? Buffer.from(value, "latin1").toString("utf8") : value;
}
