import { encodeEndpoint } from "./json-v2.ts";

interface Entry {
  /** As it was sent, one character a byte. */
  readonly raw: string;
  readonly encoded: Encoded;
}

/** "same": as it was sent; undefined: nothing is left of it. */
type Encoded = Buffer | "same" | undefined;

/** Endpoints remembered; one more empties the cache. */
const LIMIT = 4096;
/** Bytes: longer ones are not remembered. */
const MAX_LENGTH = 512;

/** The few endpoints of a system come again and again: each is read once. */
export class EndpointCache {
  private readonly entries = new Map<number, Entry>();

  /** What is stored for the endpoint that was sent as these bytes. Throws as `encodeEndpoint` does. */
  encode(bytes: Buffer, start: number, end: number): Encoded {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0;
    const known = this.entries.get(hash);
    if (known !== undefined && isSame(known.raw, bytes, start, end)) return known.encoded;
    const text = encodeEndpoint(JSON.parse(bytes.toString("utf8", start, end)));
    const encoded = text === undefined ? undefined : Buffer.from(text);
    const result = encoded?.equals(bytes.subarray(start, end)) ? "same" : encoded;
    if (end - start <= MAX_LENGTH) {
      if (this.entries.size >= LIMIT) this.entries.clear();
      this.entries.set(hash, { raw: bytes.toString("latin1", start, end), encoded: result });
    }
    return result;
  }
}

function isSame(raw: string, bytes: Buffer, start: number, end: number): boolean {
  if (raw.length !== end - start) return false;
  for (let i = 0; i < raw.length; i++) if (raw.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
