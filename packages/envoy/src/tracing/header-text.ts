import { isUtf8 } from "node:buffer";

/** Bytes above ASCII. */
const high = /[\u0080-\u00ff]/;

/**
 * A header value as text. Codecs hand header bytes over as they are, one character a byte; a span is UTF-8, so what is above ASCII is read
 * as that, and what is not UTF-8 becomes a blank, as in Envoy's spans.
 */
export function headerText(value: string): string {
  if (!high.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8");
  return isUtf8(bytes) ? text : text.replaceAll("\ufffd", " ");
}
