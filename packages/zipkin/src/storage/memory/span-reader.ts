import { idAt } from "../../model/encoded-spans.ts";
import { PRIME } from "./byte-hash.ts";
import { spanFlag } from "./span-flags.ts";

/** Seeds: what keeps a name apart from an equal key or endpoint. */
export const NAME = 0x3c6ef372;
export const KEY = 0x811c9dc5;
export const ENDPOINT = 0x1b873593;

/** A part of the span's JSON, and the hash of its bytes. An end of 0 means that there is none. */
export interface Part {
  start: number;
  end: number;
  hash: number;
}

/**
 * Reads what the store keeps beside a span, from the JSON that it keeps (see encoded-spans.ts). It
 * knows that text: nothing is checked. One object reads span after span.
 */
export class SpanReader {
  /** Right and left 64 bits of the trace id in halves; the left ones are 0 for narrow ids. */
  idHigh = 0;
  idLow = 0;
  upperHigh = 0;
  upperLow = 0;
  /** Written with 32 digits, the left 16 of them zeros: another id than the narrow one. */
  hasEmptyUpper = false;
  /** Last 32 bits of the span's own id. */
  spanId = 0;
  flags = 0;
  /** Microseconds; 0 when absent. */
  timestamp = 0;
  duration = 0;
  /** Within their quotes. */
  readonly name: Part = { start: 0, end: 0, hash: 0 };
  readonly remoteService: Part = { start: 0, end: 0, hash: 0 };
  /** With its braces. */
  readonly localEndpoint: Part = { start: 0, end: 0, hash: 0 };
  /** Hashes of what a search may ask for: see signature.ts. The first `termCount` count. */
  readonly terms: number[] = [];
  termCount = 0;

  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;

  read(bytes: Buffer, start: number): void {
    this.bytes = bytes;
    this.at = start;
    this.flags = 0;
    this.timestamp = 0;
    this.duration = 0;
    this.name.end = 0;
    this.remoteService.end = 0;
    this.localEndpoint.end = 0;
    this.termCount = 0;
    this.ids();
    while (bytes[this.at] === COMMA) this.property();
  }

  private ids(): void {
    const { bytes } = this;
    let at = this.at + idAt.trace;
    const isWide = bytes[at + 16] !== QUOTE;
    this.upperHigh = isWide ? this.hex(at) : 0;
    this.upperLow = isWide ? this.hex(at + 8) : 0;
    this.hasEmptyUpper = isWide && this.upperHigh === 0 && this.upperLow === 0;
    if (isWide) at += 16;
    this.idHigh = this.hex(at);
    this.idLow = this.hex(at + 8);
    at += 17;
    if (bytes[at + 2] === letter.p) {
      this.flags |= spanFlag.hasParent;
      at += idAt.parent + 17;
    }
    this.spanId = this.hex(at + idAt.span + 8);
    this.at = at + idAt.span + 17;
  }

  /** The first letters tell which one it is. */
  private property(): void {
    const { bytes } = this;
    const start = this.at;
    const second = bytes[start + 3];
    switch (bytes[start + 2]) {
      case letter.k:
        this.kind(start + 9);
        return;
      case letter.n:
        this.at = start + 9;
        this.text(this.name, NAME);
        this.addTerm(this.name.hash);
        return;
      case letter.t:
        if (second === letter.i) this.timestamp = this.number(start + 13);
        else this.tags(start + 8);
        return;
      case letter.d:
        if (second === letter.u) this.duration = this.number(start + 12);
        else this.at = start + 13;
        return;
      case letter.l:
        this.endpoint(start + 17);
        return;
      case letter.r:
        this.remote(start + 18);
        return;
      case letter.a:
        this.annotations(start + 15);
        return;
      default:
        this.flags |= spanFlag.shared;
        this.at = start + 14;
    }
  }

  private kind(at: number): void {
    const { bytes } = this;
    const kind =
      bytes[at] === letter.C
        ? bytes[at + 1] === letter.L
          ? 1
          : 4
        : bytes[at] === letter.S
          ? 2
          : 3;
    this.flags |= kind;
    this.at = at + (kind < 3 ? 7 : 9);
  }

  private endpoint(start: number): void {
    const { bytes } = this;
    let hash = ENDPOINT;
    let at = start;
    for (let isText = false; ; at++) {
      const byte = bytes[at] ?? CLOSE;
      hash = Math.imul(hash ^ byte, PRIME);
      if (byte === QUOTE) isText = !isText;
      else if (isText && byte === BACKSLASH) hash = Math.imul(hash ^ (bytes[++at] ?? 0), PRIME);
      else if (!isText && byte === CLOSE) break;
    }
    this.at = at + 1;
    this.localEndpoint.start = start;
    this.localEndpoint.end = this.at;
    this.localEndpoint.hash = hash;
  }

  /** Only its name counts, which comes first. */
  private remote(start: number): void {
    const { bytes } = this;
    this.at = start;
    if (bytes[start + 2] === letter.s) {
      this.at = start + SERVICE_NAME;
      this.text(this.remoteService, NAME);
    }
    while (bytes[this.at] !== CLOSE) this.at++; // addresses and a port
    this.at++;
  }

  private annotations(start: number): void {
    const { bytes } = this;
    this.at = start;
    while (bytes[this.at] !== CLOSE_LIST) {
      this.number(this.at + ANNOTATION_TIME);
      this.at += ANNOTATION_VALUE;
      this.addTerm(this.hashText(KEY));
      this.at++;
    }
    this.at++;
  }

  private tags(start: number): void {
    const { bytes } = this;
    this.at = start;
    do {
      this.at += 2;
      const key = this.at;
      const keyHash = this.hashText(KEY);
      if (this.at - key === 6 && this.isError(key)) this.flags |= spanFlag.error;
      this.at += 2;
      this.addTerm(keyHash);
      this.addTerm(this.hashText(keyHash));
    } while (bytes[this.at] === COMMA);
    this.at++;
  }

  /** A quoted text from its first character on; leaves the reader behind its closing quote. */
  private text(part: Part, seed: number): void {
    part.start = this.at;
    part.hash = this.hashText(seed);
    part.end = this.at - 1;
  }

  private hashText(seed: number): number {
    const { bytes } = this;
    let hash = seed;
    let at = this.at;
    for (; ; at++) {
      const byte = bytes[at] ?? QUOTE;
      if (byte === QUOTE) break;
      hash = Math.imul(hash ^ byte, PRIME);
      if (byte === BACKSLASH) hash = Math.imul(hash ^ (bytes[++at] ?? 0), PRIME);
    }
    this.at = at + 1;
    return hash;
  }

  private number(start: number): number {
    const { bytes } = this;
    let value = 0;
    let at = bytes[start] === MINUS ? start + 1 : start; // of an annotation, whose time does not count here
    for (; ; at++) {
      const digit = (bytes[at] ?? 0) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.at = at;
    return value;
  }

  /** Eight hex digits. */
  private hex(start: number): number {
    const { bytes } = this;
    let value = 0;
    for (let i = start; i < start + 8; i++) {
      const code = bytes[i] ?? 0;
      value = (value << 4) | (code < 58 ? code - 48 : code - 87);
    }
    return value >>> 0;
  }

  private isError(start: number): boolean {
    for (let i = 0; i < ERROR.length; i++) if (this.bytes[start + i] !== ERROR[i]) return false;
    return true;
  }

  private addTerm(term: number): void {
    this.terms[this.termCount++] = term;
  }
}

/** Lengths up to where the value begins. */
const SERVICE_NAME = '{"serviceName":"'.length;
const ANNOTATION_TIME = '{{"timestamp":'.length;
const ANNOTATION_VALUE = ',"value":"'.length;

const QUOTE = 0x22;
const MINUS = 0x2d;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const CLOSE = 0x7d;
const ERROR = Buffer.from('error"');
const letter = {
  C: 0x43, L: 0x4c, S: 0x53, a: 0x61, d: 0x64, i: 0x69, k: 0x6b, l: 0x6c, n: 0x6e, p: 0x70, r: 0x72, s: 0x73, t: 0x74, u: 0x75,
} as const; // biome-ignore format: a table
