import { isUtf8 } from "node:buffer";
import { DecodeError } from "../model/decode-error.ts";
import type { EncodedSpans } from "../model/encoded-spans.ts";
import { EndpointCache } from "./endpoint-cache.ts";
import { NeedsExactNumbers } from "./json-fields.ts";
import { encodeAnnotations, encodeName, encodeTags } from "./json-v2.ts";

/**
 * Reads the usual body byte by byte, with neither string nor object for its parts: what tracers send is
 * what is stored, but for the order of properties, white space and letter case. Undefined for anything
 * unusual (ids of odd lengths, numbers as text, unknown or repeated properties, every error): then
 * `decodeJsonV2` decides, whose results these are.
 */
export function scanJsonV2(body: Buffer): EncodedSpans | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    return new Scanner(body).list();
  } catch (error) {
    const isUnusual = error === unusual || error instanceof SyntaxError;
    if (isUnusual || error instanceof DecodeError || error instanceof NeedsExactNumbers) return;
    throw error;
  }
}

/** Thrown at the first surprise. One object for all: it is no news to anybody, so it needs no trace. */
const unusual = new Error("not the usual form");

/** In the order in which they are written. */
const properties = [
  "traceId", "parentId", "id", "kind", "name", "timestamp", "duration", "localEndpoint", "remoteEndpoint", "annotations", "tags",
  "debug", "shared",
] as const; // biome-ignore format: a table
const slot = Object.fromEntries(properties.map((name, i) => [name, i])) as Readonly<
  Record<(typeof properties)[number], number>
>;
const names: readonly Buffer[] = properties.map((name) => Buffer.from(name));
/** What stands before each value. */
const heads: readonly Buffer[] = properties.map((name, i) =>
  Buffer.from(`${i === 0 ? "{" : ","}"${name}":`),
);
const slotsByLength: readonly (readonly number[])[] = Array.from({ length: 15 }, (_, length) =>
  names.flatMap((name, i) => (name.length === length ? [i] : [])),
);
const kinds: readonly Buffer[] = ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"].map((kind) =>
  Buffer.from(kind),
);
const CLOSING = Buffer.from("}");
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
const NULL = Buffer.from("null");

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Digits: whatever has no more of them is a safe integer. */
const SAFE_DIGITS = 15;
/** Bytes: shorter ranges are copied faster one by one. */
const SHORT = 24;

const endpoints = new EndpointCache();

class Scanner {
  private readonly bytes: Buffer;
  private at = 0;
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private out: Buffer;
  private outAt = 0;
  /** Where each value of the span lies in `bytes`; -1 for none. */
  private readonly from = new Int32Array(properties.length);
  private readonly to = new Int32Array(properties.length);
  /** Values that are written otherwise than they were read. */
  private readonly pieces: (Buffer | undefined)[] = new Array(properties.length);
  /** Whether the span can be copied as it is. */
  private isPlain = true;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.out = Buffer.allocUnsafe(bytes.length);
  }

  list(): EncodedSpans {
    this.skipSpace();
    this.take(OPEN_LIST);
    this.skipSpace();
    if (this.bytes[this.at] === CLOSE_LIST) this.at++;
    else {
      do {
        this.skipSpace();
        this.span();
        this.skipSpace();
      } while (this.isNext(COMMA));
      this.take(CLOSE_LIST);
    }
    this.skipSpace();
    if (this.at !== this.bytes.length) throw unusual;
    return { bytes: this.out, starts: this.starts, ends: this.ends };
  }

  private span(): void {
    this.from.fill(-1);
    this.pieces.fill(undefined);
    this.isPlain = true;
    const start = this.at;
    this.take(OPEN);
    let before = -1;
    do {
      this.skipSpace();
      const property = this.property();
      if (this.from[property] !== -1) throw unusual;
      if (property < before) this.isPlain = false;
      before = property;
      this.skipSpace();
      this.take(COLON);
      this.skipSpace();
      this.from[property] = this.at;
      if (this.value(property)) this.to[property] = this.at;
      else this.drop(property);
      this.skipSpace();
    } while (this.isNext(COMMA));
    this.take(CLOSE);
    this.finish(start);
  }

  /** The number of the property whose name is next. */
  private property(): number {
    const { bytes } = this;
    this.take(QUOTE);
    const start = this.at;
    let end = start;
    while (bytes[end] !== QUOTE) if (++end - start > 14) throw unusual;
    this.at = end + 1;
    for (const candidate of slotsByLength[end - start] ?? []) {
      const name = names[candidate];
      if (name !== undefined && this.isAt(start, name)) return candidate;
    }
    throw unusual;
  }

  /** Steps over it; false when it says nothing. */
  private value(property: number): boolean {
    if (this.bytes[this.at] === NULL[0] && property !== slot.traceId && property !== slot.id) {
      this.literal(NULL);
      return false;
    }
    switch (property) {
      case slot.traceId:
        return this.traceId();
      case slot.parentId:
        return this.hex(16) < 16; // all zeros: no parent
      case slot.id:
        if (this.hex(16) === 16) throw unusual;
        return true;
      case slot.kind:
        return this.kind();
      case slot.name:
        return this.name();
      case slot.timestamp:
      case slot.duration:
        return this.number();
      case slot.localEndpoint:
      case slot.remoteEndpoint:
        return this.endpoint(property);
      case slot.annotations:
        return this.rewritten(property, encodeAnnotations);
      case slot.tags:
        return this.tags();
      default:
        return this.flag();
    }
  }

  private traceId(): boolean {
    const length = this.bytes[this.at + 17] === QUOTE ? 16 : 32;
    const zeros = this.hex(length);
    if (zeros === length || (length === 32 && zeros >= 16)) throw unusual;
    return true;
  }

  /** A quoted number of so many lower-case digits; returns how many zeros it begins with. */
  private hex(length: number): number {
    const { bytes } = this;
    const start = this.at + 1;
    const end = start + length;
    if (bytes[this.at] !== QUOTE || bytes[end] !== QUOTE) throw unusual;
    let zeros = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === ZERO && zeros === i - start) zeros++;
      else if (byte < ZERO || byte > 102 || (byte > NINE && byte < 97)) throw unusual;
    }
    this.at = end + 1;
    return zeros;
  }

  private kind(): boolean {
    this.take(QUOTE);
    for (const kind of kinds) {
      if (!this.isAt(this.at, kind)) continue;
      this.at += kind.length;
      this.take(QUOTE);
      return true;
    }
    throw unusual;
  }

  private name(): boolean {
    const { bytes } = this;
    const start = this.at;
    if (bytes[start] !== QUOTE) throw unusual;
    let isLower = true;
    for (let i = start + 1; ; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) {
        this.at = i + 1;
        break;
      }
      if (byte === undefined || byte === BACKSLASH || byte < SPACE) {
        return this.rewritten(slot.name, encodeName);
      }
      if (byte > 126 || (byte >= 65 && byte <= 90)) isLower = false;
    }
    if (this.at === start + 2) return false;
    if (isLower) return true;
    this.at = start;
    return this.rewritten(slot.name, encodeName);
  }

  /** An integer above zero in so few digits that none is lost. */
  private number(): boolean {
    const { bytes } = this;
    const start = this.at;
    let value = 0;
    for (; ; this.at++) {
      const byte = bytes[this.at] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
    }
    const digits = this.at - start;
    const isWhole = digits > 0 && (digits === 1 || bytes[start] !== ZERO);
    if (!isWhole || (digits > SAFE_DIGITS && value > Number.MAX_SAFE_INTEGER)) throw unusual;
    return value > 0;
  }

  private endpoint(property: number): boolean {
    const start = this.at;
    if (this.bytes[start] !== OPEN) throw unusual;
    this.skipValue();
    const encoded = endpoints.encode(this.bytes, start, this.at);
    if (encoded === "same") return true;
    if (encoded === undefined) return false;
    this.pieces[property] = encoded;
    this.isPlain = false;
    return true;
  }

  /** Text only, sorted, each key once: as they are. */
  private tags(): boolean {
    const { bytes } = this;
    const start = this.at;
    this.take(OPEN);
    let beforeStart = 0;
    let beforeEnd = 0;
    for (;;) {
      const key = this.at + 1;
      const keyEnd = this.plainText();
      const first = bytes[key] ?? 0;
      // JavaScript's objects put keys that are numbers first, whatever their order.
      const isOdd = keyEnd < 0 || (first >= ZERO && first <= NINE);
      if (isOdd || (beforeEnd > 0 && !this.isBefore(beforeStart, beforeEnd, key, keyEnd))) break;
      beforeStart = key;
      beforeEnd = keyEnd;
      if (bytes[keyEnd + 1] !== COLON) break;
      this.at = keyEnd + 2;
      const end = this.plainText();
      if (end < 0) break;
      this.at = end + 1;
      if (bytes[this.at] === CLOSE) {
        this.at++;
        return true;
      }
      if (bytes[this.at] !== COMMA) break;
      this.at++;
    }
    this.at = start;
    return this.rewritten(slot.tags, encodeTags);
  }

  private flag(): boolean {
    if (this.bytes[this.at] === TRUE[0]) {
      this.literal(TRUE);
      return true;
    }
    this.literal(FALSE);
    return false;
  }

  /** Reads the value as JSON, and writes what `encode` makes of it. */
  private rewritten(property: number, encode: (value: unknown) => string | undefined): boolean {
    const start = this.at;
    this.skipValue();
    const encoded = encode(JSON.parse(this.bytes.toString("utf8", start, this.at)));
    if (encoded === undefined) return false;
    this.pieces[property] = Buffer.from(encoded);
    this.isPlain = false;
    return true;
  }

  private drop(property: number): void {
    // Seen, so that a repeat is noticed; not to be written.
    this.from[property] = -2;
    this.isPlain = false;
  }

  private finish(start: number): void {
    const { from, bytes } = this;
    const parent = from[slot.parentId] ?? -1;
    const id = from[slot.id] ?? -1;
    if ((from[slot.traceId] ?? -1) < 0 || id < 0) throw unusual;
    if (parent >= 0 && this.areEqual(parent, id, 18)) this.drop(slot.parentId);
    const kind = from[slot.kind] ?? -1;
    const isClient = kind >= 0 && bytes[kind + 2] === 0x4c; // the L of CLIENT
    if (isClient && (from[slot.shared] ?? -1) >= 0) this.drop(slot.shared);
    this.starts.push(this.outAt);
    if (this.isPlain) this.put(bytes, start, this.at);
    else {
      for (let i = 0; i < properties.length; i++) this.putProperty(i);
      this.put(CLOSING, 0, 1);
    }
    this.ends.push(this.outAt);
  }

  private putProperty(property: number): void {
    const start = this.from[property] ?? -1;
    const head = heads[property];
    if (start < 0 || head === undefined) return;
    this.put(head, 0, head.length);
    const piece = this.pieces[property];
    if (piece === undefined) this.put(this.bytes, start, this.to[property] ?? start);
    else this.put(piece, 0, piece.length);
  }

  private put(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.outAt + length > this.out.length) this.grow(length);
    const { out } = this;
    if (length > SHORT) bytes.copy(out, this.outAt, start, end);
    else for (let i = 0; i < length; i++) out[this.outAt + i] = bytes[start + i] ?? 0;
    this.outAt += length;
  }

  private grow(more: number): void {
    const larger = Buffer.allocUnsafe(this.out.length * 2 + more);
    this.out.copy(larger, 0, 0, this.outAt);
    this.out = larger;
  }

  /** Past a value of any kind. Its text is not checked. */
  private skipValue(): void {
    const { bytes } = this;
    let depth = 0;
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at];
      if (byte === QUOTE) this.skipText();
      else if (byte === OPEN || byte === OPEN_LIST) depth++;
      else if (byte === CLOSE || byte === CLOSE_LIST) depth--;
      else if (depth === 0) throw unusual; // numbers and words: not here
      if (depth === 0) {
        this.at++;
        return;
      }
    }
    throw unusual;
  }

  /** From an opening quote to the closing one. */
  private skipText(): void {
    const { bytes } = this;
    for (this.at++; bytes[this.at] !== QUOTE; this.at++) {
      if (bytes[this.at] === BACKSLASH) this.at++;
      if (this.at >= bytes.length) throw unusual;
    }
  }

  /** Where the closing quote is of the text that begins here; -1 when it is not plain ASCII. */
  private plainText(): number {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return -1;
    for (let i = this.at + 1; ; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) return i;
      if (byte === undefined || byte === BACKSLASH || byte < SPACE || byte > 126) return -1;
    }
  }

  private literal(word: Buffer): void {
    if (!this.isAt(this.at, word)) throw unusual;
    this.at += word.length;
  }

  private skipSpace(): void {
    for (; ; this.at++) {
      const byte = this.bytes[this.at];
      if (byte !== SPACE && byte !== 10 && byte !== 13 && byte !== 9) return;
      this.isPlain = false;
    }
  }

  private take(byte: number): void {
    if (this.bytes[this.at] !== byte) throw unusual;
    this.at++;
  }

  private isNext(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  private isAt(start: number, word: Buffer): boolean {
    for (let i = 0; i < word.length; i++) if (this.bytes[start + i] !== word[i]) return false;
    return true;
  }

  private areEqual(left: number, right: number, length: number): boolean {
    for (let i = 0; i < length; i++) {
      if (this.bytes[left + i] !== this.bytes[right + i]) return false;
    }
    return true;
  }

  private isBefore(left: number, leftEnd: number, right: number, rightEnd: number): boolean {
    const length = Math.min(leftEnd - left, rightEnd - right);
    for (let i = 0; i < length; i++) {
      const difference = (this.bytes[left + i] ?? 0) - (this.bytes[right + i] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return leftEnd - left < rightEnd - right;
  }
}
