/**
 * SNI and ALPN out of the first bytes of a TLS connection, without taking part in it.
 * https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2, https://www.rfc-editor.org/rfc/rfc6066#section-3, https://www.rfc-editor.org/rfc/rfc7301#section-3.1
 */

export interface ClientHello {
  /** Lower case; empty without SNI. */
  readonly serverName: string;
  readonly applicationProtocols: readonly string[];
}

export type ClientHelloResult =
  /** Bytes are missing. */
  | { readonly kind: "more" }
  | { readonly kind: "hello"; readonly hello: ClientHello }
  /** No TLS, broken, or longer than allowed. */
  | { readonly kind: "none" };

const more: ClientHelloResult = { kind: "more" };
const none: ClientHelloResult = { kind: "none" };

const handshakeRecord = 22;
const clientHelloType = 1;
const serverNameExtension = 0;
const alpnExtension = 16;

/** The largest there can be here; Envoy's limit as well. */
export const maxClientHelloBytes: number = 16 * 1024;

/** `bytes` is all that has come; call again with more of it while the result is "more". */
export function readClientHello(
  bytes: Buffer,
  maxBytes: number = maxClientHelloBytes,
): ClientHelloResult {
  const message = joinRecords(bytes);
  if (message === "none") return none;
  if (message.length > 0 && message[0] !== clientHelloType) return none;
  if (message.length < 4) return more;
  const length = message.readUIntBE(1, 3);
  if (length > maxBytes) return none;
  if (message.length < 4 + length) return more;
  const hello = parseClientHello(message.subarray(4, 4 + length));
  return hello === undefined ? none : { kind: "hello", hello };
}

/** The handshake bytes of the records there are, the last of which may be a part. */
function joinRecords(bytes: Buffer): Buffer | "none" {
  const parts: Buffer[] = [];
  let position = 0;
  while (position < bytes.length) {
    // Only handshake records of TLS (or SSL 3.0), and none that is empty.
    if (bytes[position] !== handshakeRecord) return "none";
    if (position + 1 < bytes.length && bytes[position + 1] !== 3) return "none";
    if (position + 5 > bytes.length) break;
    const length = bytes.readUInt16BE(position + 3);
    if (length === 0 || length > maxClientHelloBytes + 256) return "none";
    parts.push(bytes.subarray(position + 5, position + 5 + length));
    position += 5 + length;
  }
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

/** A reader that never goes past its end: then `ok` is false and everything read is empty. */
class Reader {
  ok = true;
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  take(length: number): Buffer {
    const end = this.#position + length;
    if (!this.ok || end > this.#bytes.length) {
      this.ok = false;
      return Buffer.alloc(0);
    }
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }

  number(bytes: 1 | 2): number {
    const taken = this.take(bytes);
    return this.ok ? taken.readUIntBE(0, bytes) : 0;
  }

  /** Bytes that follow their own length. */
  block(lengthBytes: 1 | 2): Buffer {
    return this.take(this.number(lengthBytes));
  }
}

function parseClientHello(body: Buffer): ClientHello | undefined {
  const reader = new Reader(body);
  reader.take(2 + 32); // legacy_version, random
  reader.block(1); // legacy_session_id
  reader.block(2); // cipher_suites
  reader.block(1); // legacy_compression_methods
  if (!reader.ok) return undefined;
  if (reader.isAtEnd) return { serverName: "", applicationProtocols: [] };
  const extensions = new Reader(reader.block(2));
  let serverName = "";
  let applicationProtocols: readonly string[] = [];
  while (reader.ok && extensions.ok && !extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.block(2);
    if (!extensions.ok) break;
    if (type === serverNameExtension) serverName = parseServerName(content);
    else if (type === alpnExtension) applicationProtocols = parseProtocols(content);
  }
  return reader.ok && extensions.ok ? { serverName, applicationProtocols } : undefined;
}

function parseServerName(content: Buffer): string {
  const list = new Reader(new Reader(content).block(2));
  const isHostName = list.number(1) === 0;
  const name = list.block(2);
  return list.ok && isHostName ? name.toString("latin1").toLowerCase() : "";
}

function parseProtocols(content: Buffer): readonly string[] {
  const list = new Reader(new Reader(content).block(2));
  const protocols: string[] = [];
  while (list.ok && !list.isAtEnd) protocols.push(list.block(1).toString("latin1"));
  return list.ok ? protocols : [];
}
