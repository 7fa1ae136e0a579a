import { isUtf8 } from "node:buffer";
import { jsonString } from "../tracing/json-string.ts";

/** Bytes above ASCII. */
const high = /[\u0080-\u00ff]/;

/** Bytes, one a character, as a JSON string. Where they are no UTF-8 each byte above ASCII is escaped by its number, as in Envoy's logs. */
export function bytesJson(bytes: string): string {
  if (!high.test(bytes)) return jsonString(bytes);
  const buffer = Buffer.from(bytes, "latin1");
  if (isUtf8(buffer)) return jsonString(buffer.toString());
  return jsonString(bytes).replace(
    /[\u0080-\u00ff]/g,
    (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`,
  );
}
