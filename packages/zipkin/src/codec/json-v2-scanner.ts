import { isUtf8 } from "node:buffer";
import { DecodeError } from "../model/decode-error.ts";
import { type EncodedSpans, encodeSpans } from "../model/encoded-spans.ts";
import { EndpointCache } from "./endpoint-cache.ts";
import { byte, unusual } from "./json-bytes.ts";
import { JsonTags } from "./json-tags.ts";
import {
  decodeJsonV2,
  encodeAnnotations,
  encodeEndpoint,
  encodeName,
  encodeTags,
  type PartEncoder,
} from "./json-v2.ts";
import { type Candidate, candidates, heads, kinds, properties, slot } from "./span-properties.ts";
import { SpanWriter } from "./span-writer.ts";

/** The v2 list form: what current tracers post. */
export function readJsonV2(body: Buffer): EncodedSpans {
  return scanJsonV2(body) ?? encodeSpans(decodeJsonV2(body));
}

/**
 * Reads the usual body byte by byte, with neither string nor object for its parts: what tracers send is
 * what is stored, but for the order of properties, white space and letter case. Undefined for anything
 * unusual (ids of odd lengths, numbers as text, unknown or repeated properties, every error): then
 * `decodeJsonV2` decides, whose results these are.
 */
export function scanJsonV2(body: Buffer): EncodedSpans | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    return scanner.read(body);
  } catch (error) {
    if (error === unusual || error instanceof DecodeError) return undefined;
    throw error;
  }
}

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
const NULL = Buffer.from("null");
const CLOSING = Buffer.from("}");
const nothing: readonly Candidate[] = [];

/** In `from`: no such property; one that says nothing. */
const ABSENT = -1;
const DROPPED = -2;
/** Digits: a number of no more of them is a safe integer. */
const SAFE_DIGITS = 15;
const ASCII = 126;

/** `{"serviceName":"` has 16 characters: behind them endpoints begin to differ. */
const endpoints = new EndpointCache((raw) => encodeEndpoint(raw.toString()), { from: 16, to: 32 });

/** One for all bodies: what it needs for a span would cost more than to read it. */
class Scanner extends JsonTags {
  private writer = new SpanWriter(0);
  /** Where each value of the span lies in `bytes`. */
  private readonly from = new Int32Array(properties.length);
  private readonly to = new Int32Array(properties.length);
  /** Values that are written otherwise than they were read. */
  private readonly pieces: (Buffer | undefined)[] = new Array(properties.length);
  /** Whether the span can be copied as it is. */
  private isPlain = true;

  read(bytes: Buffer): EncodedSpans {
    this.bytes = bytes;
    this.at = 0;
    this.writer = new SpanWriter(bytes.length);
    this.list();
    return this.writer.spans;
  }

  private list(): void {
    this.skipSpace();
    this.take(byte.openList);
    this.skipSpace();
    if (!this.isNext(byte.closeList)) {
      do {
        this.skipSpace();
        this.span();
        this.skipSpace();
      } while (this.isNext(byte.comma));
      this.take(byte.closeList);
    }
    this.skipSpace();
    if (this.at !== this.bytes.length) throw unusual;
  }

  private span(): void {
    this.from.fill(ABSENT);
    this.isPlain = true;
    const start = this.at;
    this.take(byte.open);
    let before = -1;
    do {
      this.passSpace();
      const property = this.property();
      if (this.from[property] !== ABSENT) throw unusual;
      if (property < before) this.isPlain = false;
      before = property;
      this.passSpace();
      this.take(byte.colon);
      this.passSpace();
      this.from[property] = this.at;
      this.pieces[property] = undefined;
      if (this.value(property)) this.to[property] = this.at;
      else this.drop(property);
      this.passSpace();
    } while (this.isNext(byte.comma));
    this.take(byte.close);
    this.finish(start);
  }

  private passSpace(): void {
    if ((this.bytes[this.at] ?? 0) <= byte.space && this.skipSpace()) this.isPlain = false;
  }

  private property(): number {
    this.take(byte.quote);
    const alike = candidates[this.bytes[this.at] ?? 0] ?? nothing;
    for (let i = 0; i < alike.length; i++) {
      const candidate = alike[i];
      if (candidate === undefined || !this.isAt(this.at, candidate.name)) continue;
      this.at += candidate.name.length;
      return candidate.property;
    }
    throw unusual;
  }

  /** Steps over it; false when it says nothing. */
  private value(property: number): boolean {
    if (this.bytes[this.at] === NULL[0] && property !== slot.traceId && property !== slot.id) {
      this.takeWord(NULL);
      return false;
    }
    switch (property) {
      case slot.traceId:
        return this.traceId();
      case slot.parentId:
        return this.hex(16); // all zeros: no parent
      case slot.id:
        return this.nonZero(16);
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
    const start = this.at;
    if (this.bytes[start + 17] === byte.quote) return this.nonZero(16);
    if (this.isZero(start + 1, 16)) throw unusual;
    return this.hex(32);
  }

  /** A quoted number of so many lower-case digits; false when all are zeros. */
  private hex(length: number): boolean {
    const { bytes } = this;
    const start = this.at + 1;
    const end = start + length;
    if (bytes[this.at] !== byte.quote || bytes[end] !== byte.quote) throw unusual;
    for (let i = start; i < end; i++) {
      const digit = bytes[i] ?? 0;
      if (digit < byte.zero || digit > 102 || (digit > byte.nine && digit < 97)) throw unusual;
    }
    this.at = end + 1;
    return bytes[start] !== byte.zero || !this.isZero(start, length);
  }

  private nonZero(length: number): true {
    if (!this.hex(length)) throw unusual;
    return true;
  }

  private isZero(start: number, length: number): boolean {
    for (let i = start; i < start + length; i++) if (this.bytes[i] !== byte.zero) return false;
    return true;
  }

  private kind(): boolean {
    this.take(byte.quote);
    for (let i = 0; i < kinds.length; i++) {
      const kind = kinds[i];
      if (kind === undefined || !this.isAt(this.at, kind)) continue;
      this.at += kind.length;
      return true;
    }
    throw unusual;
  }

  private name(): boolean {
    const start = this.at;
    const end = this.plainText(ASCII);
    if (end < 0) return this.rewritten(slot.name, encodeName);
    for (let i = start + 1; i < end; i++) {
      const letter = this.bytes[i] ?? 0;
      if (letter < 65 || letter > 90) continue;
      this.at = start;
      return this.rewritten(slot.name, encodeName);
    }
    return end > start + 1;
  }

  /** An integer above zero in so few digits that none is lost. */
  private number(): boolean {
    const { bytes } = this;
    const start = this.at;
    let value = 0;
    for (; ; this.at++) {
      const digit = bytes[this.at] ?? 0;
      if (digit < byte.zero || digit > byte.nine) break;
      value = value * 10 + (digit - byte.zero);
    }
    const digits = this.at - start;
    const isWhole = digits > 0 && (digits === 1 || bytes[start] !== byte.zero);
    if (!isWhole || (digits > SAFE_DIGITS && value > Number.MAX_SAFE_INTEGER)) throw unusual;
    return value > 0;
  }

  private endpoint(property: number): boolean {
    const start = this.at;
    let endpoint = endpoints.find(this.bytes, start);
    if (endpoint === undefined) {
      if (this.bytes[start] !== byte.open) throw unusual;
      this.skipValue();
      endpoint = endpoints.read(this.bytes, start, this.at);
    } else this.at += endpoint.raw.length;
    if (endpoint.isPlain) return true;
    return this.replace(property, endpoint.encoded);
  }

  private tags(): boolean {
    const start = this.at;
    if (this.plainTags()) return true;
    this.at = start;
    const sorted = this.sortedTags();
    if (sorted !== undefined) return this.replace(slot.tags, sorted);
    this.at = start;
    return this.rewritten(slot.tags, encodeTags);
  }

  private flag(): boolean {
    if (this.bytes[this.at] === TRUE[0]) {
      this.takeWord(TRUE);
      return true;
    }
    this.takeWord(FALSE);
    return false;
  }

  private rewritten(property: number, encode: PartEncoder): boolean {
    const start = this.at;
    this.skipValue();
    const encoded = encode(this.bytes.toString("utf8", start, this.at));
    return this.replace(property, encoded === undefined ? undefined : Buffer.from(encoded));
  }

  private replace(property: number, piece: Buffer | undefined): boolean {
    this.pieces[property] = piece;
    this.isPlain = false;
    return piece !== undefined;
  }

  private drop(property: number): void {
    this.from[property] = DROPPED;
    this.isPlain = false;
  }

  private finish(start: number): void {
    const { from, bytes, writer } = this;
    const parent = from[slot.parentId] ?? ABSENT;
    const id = from[slot.id] ?? ABSENT;
    if ((from[slot.traceId] ?? ABSENT) < 0 || id < 0) throw unusual;
    if (parent >= 0 && this.compare(parent, parent + 17, id, id + 17) === 0)
      this.drop(slot.parentId);
    const kind = from[slot.kind] ?? ABSENT;
    const isClient = kind >= 0 && bytes[kind + 2] === 0x4c; // the L of CLIENT
    if (isClient && (from[slot.shared] ?? ABSENT) >= 0) this.drop(slot.shared);
    writer.begin();
    if (this.isPlain) writer.put(bytes, start, this.at);
    else {
      for (let i = 0; i < properties.length; i++) this.write(i);
      writer.putAll(CLOSING);
    }
    writer.end();
  }

  private write(property: number): void {
    const start = this.from[property] ?? ABSENT;
    const head = heads[property];
    if (start < 0 || head === undefined) return;
    this.writer.putAll(head);
    const piece = this.pieces[property];
    if (piece === undefined) this.writer.put(this.bytes, start, this.to[property] ?? start);
    else this.writer.putAll(piece);
  }
}

const scanner = new Scanner();
