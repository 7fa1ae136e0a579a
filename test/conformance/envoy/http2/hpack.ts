/** Header lists as HPACK: written plainly (no index, no Huffman), read as any peer writes them. https://www.rfc-editor.org/rfc/rfc7541 */

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** RFC 7541 A, from index 1. */
const staticTable: HeaderList = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split("\n")
  .map((line) => {
    const [name = "", ...value] = line.split(" ");
    return [name, value.join(" ")] as const;
  });

export function encodeHeaderList(list: HeaderList): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of list) {
    parts.push(Buffer.from([0]), encodeString(name), encodeString(value));
  }
  return Buffer.concat(parts);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([encodeInteger(bytes.length, 7), bytes]);
}

function encodeInteger(value: number, prefixBits: number): Buffer {
  const limit = 2 ** prefixBits - 1;
  if (value < limit) return Buffer.from([value]);
  const bytes = [limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Keeps the dynamic table of one direction of one connection; its size is not limited. */
export class HpackDecoder {
  readonly #dynamic: (readonly [string, string])[] = [];

  decode(block: Buffer): HeaderList {
    const list: (readonly [string, string])[] = [];
    const cursor = { block, at: 0 };
    while (cursor.at < block.length) {
      const first = block[cursor.at] as number;
      if (first >= 128) list.push(this.#entry(readInteger(cursor, 7)));
      else if (first >= 64) {
        const field = this.#literal(cursor, 6);
        this.#dynamic.unshift(field);
        list.push(field);
      } else if (first >= 32) readInteger(cursor, 5);
      else list.push(this.#literal(cursor, 4));
    }
    return list;
  }

  #literal(cursor: Cursor, prefixBits: number): readonly [string, string] {
    const index = readInteger(cursor, prefixBits);
    const name = index === 0 ? readString(cursor) : this.#entry(index)[0];
    return [name, readString(cursor)];
  }

  #entry(index: number): readonly [string, string] {
    const entry = staticTable[index - 1] ?? this.#dynamic[index - 1 - staticTable.length];
    if (entry === undefined) throw new Error(`no entry ${index} in the header table`);
    return entry;
  }
}

interface Cursor {
  readonly block: Buffer;
  at: number;
}

function readInteger(cursor: Cursor, prefixBits: number): number {
  const limit = 2 ** prefixBits - 1;
  const first = (cursor.block[cursor.at++] as number) & limit;
  if (first < limit) return first;
  let value = limit;
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.block[cursor.at++] as number;
    value += (byte % 128) * scale;
    if (byte < 128) return value;
  }
}

function readString(cursor: Cursor): string {
  const isHuffman = (cursor.block[cursor.at] as number) >= 128;
  const length = readInteger(cursor, 7);
  const bytes = cursor.block.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return isHuffman ? readHuffman(bytes) : bytes.toString("latin1");
}

/** Characters by the length of their code, in bits: the codes of one length follow each other, so nothing else need be known. */
const charactersByCodeLength: Readonly<Record<number, string>> = {
  5: "012aceiost",
  6: " %-./3456789=A_bdfghlmnpru",
  7: ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz",
  8: "&*,;XZ",
  10: '!"()?',
  11: "'+|",
  12: "#>",
  13: "\0$@[]~",
  14: "^}",
  15: "<`{",
};

const characterOfCode = new Map<string, string>();
{
  let code = 0;
  let bits = 0;
  for (const [length, characters] of Object.entries(charactersByCodeLength)) {
    code *= 2 ** (Number(length) - bits);
    bits = Number(length);
    for (const character of characters) {
      characterOfCode.set(code.toString(2).padStart(bits, "0"), character);
      code += 1;
    }
  }
}

function readHuffman(bytes: Buffer): string {
  let text = "";
  let code = "";
  for (const byte of bytes) {
    for (const bit of byte.toString(2).padStart(8, "0")) {
      code += bit;
      const character = characterOfCode.get(code);
      if (character === undefined) continue;
      text += character;
      code = "";
    }
  }
  // What is left is padding: at most seven ones.
  if (code.length > 7 || code.includes("0")) throw new Error(`not a Huffman code: ${code}`);
  return text;
}
