import { DecodeError } from "../model/decode-error.ts";
import type { EncodedSpans } from "../model/encoded-spans.ts";
import { ByteReader } from "./byte-reader.ts";
import { EndpointCache, type KnownEndpoint } from "./endpoint-cache.ts";
import { SpanWriter } from "./span-writer.ts";
import { readListHead, skipValue, thrift } from "./thrift.ts";
import { encodeThriftEndpoint, readThriftSpan } from "./thrift-v1.ts";
import { isZero, UsualSpan } from "./usual-span.ts";
import { writeUsualSpan } from "./usual-span-writer.ts";
import { convertV1 } from "./v1-convert.ts";

/**
 * A bare list of v1 spans in Thrift's binary protocol: element type, count, structures. The usual span
 * (start and end of one call as one service saw it, tags in plain text) is written from its bytes; any
 * other one goes through the v1 model.
 */
export function readThriftV1(body: Buffer): EncodedSpans {
  try {
    return new Scanner(body).list();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(`${error.message} reading List<Span> from TBinary`);
  }
}

/** Behind the head of the first field: address, port, name. */
const endpoints = new EndpointCache(encodeThriftEndpoint, { from: 3, to: 64 });
/** Of the span that is being read. */
const span = new UsualSpan();

const CLIENT = 1;
const SERVER = 2;

/** Thrift's AnnotationType. */
const STRING = 6;
const BOOL = 0;

const TWO_32 = 2 ** 32;
const letter = { a: 0x61, c: 0x63, l: 0x6c, m: 0x6d, r: 0x72, s: 0x73 } as const;

class Scanner {
  private readonly bytes: Buffer;
  private readonly writer: SpanWriter;
  private at = 0;
  /** Times of the four core annotations; 0 when absent. */
  private cs = 0;
  private cr = 0;
  private sr = 0;
  private ss = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.writer = new SpanWriter(bytes.length);
  }

  list(): EncodedSpans {
    const { bytes, writer } = this;
    const reader = new ByteReader(bytes);
    // The element type is not looked at: some reporters claim strings and send structures.
    const { size } = readListHead(reader);
    for (let i = 0; i < size; i++) {
      this.at = reader.at;
      if (this.tryUsual() && writeUsualSpan(writer, bytes, span)) reader.at = this.at;
      else {
        for (const exact of convertV1(readThriftSpan(reader)))
          writer.putSpan(JSON.stringify(exact));
      }
    }
    return writer.spans;
  }

  private tryUsual(): boolean {
    try {
      return this.span();
    } catch (error) {
      if (error instanceof DecodeError) return false; // the other way says what is wrong
      throw error;
    }
  }

  /** Whether it is a usual one; then `span` has its parts. Reading may go beyond the end before that is seen. */
  private span(): boolean {
    span.reset();
    this.cs = 0;
    this.cr = 0;
    this.sr = 0;
    this.ss = 0;
    for (let before = 0; ; ) {
      const type = this.byte();
      if (type === thrift.stop)
        return this.at <= this.bytes.length && this.hasIds() && this.setTimes();
      const field = this.int16();
      // In order, so none is there twice.
      if (field <= before || !this.field(field, type)) return false;
      before = field;
    }
  }

  private field(field: number, type: number): boolean {
    switch (type) {
      case thrift.i64:
        return this.long(field);
      case thrift.string:
        span.name = this.text();
        span.nameEnd = this.at;
        return field === 3 && span.name >= 0;
      case thrift.bool:
        span.debug = this.byte() === 1;
        return field === 9;
      case thrift.list:
        return this.listOf(field);
      default:
        return false;
    }
  }

  private long(field: number): boolean {
    const { at } = this;
    if (field === 10) span.timestamp = this.int64();
    else if (field === 11) span.duration = this.int64();
    else {
      if (field === 1) span.traceId = at;
      else if (field === 4) span.id = at;
      else if (field === 5) span.parentId = at;
      else if (field !== 12) return false;
      else if (!isZero(this.bytes, at)) span.traceIdHigh = at;
      this.at = at + 8;
    }
    return true;
  }

  private listOf(field: number): boolean {
    if ((field !== 6 && field !== 8) || this.byte() !== thrift.struct) return false;
    const size = this.int32();
    if (size < 0) return false;
    for (let i = 0; i < size; i++) {
      if (!(field === 6 ? this.annotation() : this.binaryAnnotation())) return false;
    }
    return true;
  }

  /** timestamp = 1, value = 2, host = 3: all of them, in order. */
  private annotation(): boolean {
    if (!this.isHead(thrift.i64, 1)) return false;
    const timestamp = this.int64();
    if (!this.isHead(thrift.string, 2)) return false;
    const value = this.text();
    return (
      value >= 0 &&
      this.at - value === 2 &&
      this.core(this.bytes[value], this.bytes[value + 1], timestamp) &&
      this.isHead(thrift.struct, 3) &&
      this.isHost() &&
      this.byte() === thrift.stop
    );
  }

  /** Each of them once. */
  private core(first: number | undefined, second: number | undefined, timestamp: number): boolean {
    if (timestamp <= 0 || timestamp > Number.MAX_SAFE_INTEGER) return false;
    const { cs, cr, sr, ss } = this;
    if (first === letter.c && second === letter.s && cs === 0) this.cs = timestamp;
    else if (first === letter.c && second === letter.r && cr === 0) this.cr = timestamp;
    else if (first === letter.s && second === letter.r && sr === 0) this.sr = timestamp;
    else if (first === letter.s && second === letter.s && ss === 0) this.ss = timestamp;
    else return false;
    return true;
  }

  /** key = 1, value = 2, annotation_type = 3, host = 4: all of them, in order. */
  private binaryAnnotation(): boolean {
    const { bytes } = this;
    if (!this.isHead(thrift.string, 1)) return false;
    const key = this.text();
    const keyEnd = this.at;
    if (key < 0 || !this.isHead(thrift.string, 2)) return false;
    const value = this.text();
    const valueEnd = this.at;
    if (value < 0 || !this.isHead(thrift.i32, 3)) return false;
    const type = this.int32();
    if (!this.isHead(thrift.struct, 4)) return false;
    if (type === STRING) {
      if (isReserved(bytes, key, keyEnd) || !this.isHost()) return false;
      if (!span.tags.add(bytes, key, keyEnd, value, valueEnd)) return false;
    } else {
      const isServer = keyEnd - key === 2 && bytes[key] === letter.s && bytes[key + 1] === letter.a;
      const isTrue = type === BOOL && valueEnd - value === 1 && bytes[value] === 1;
      if (!isServer || !isTrue || span.remoteEndpoint !== undefined) return false;
      span.remoteEndpoint = this.endpoint();
      if (span.remoteEndpoint.encoded === undefined) return false;
    }
    return this.byte() === thrift.stop;
  }

  /** Whether the endpoint that comes next is that of the whole span. */
  private isHost(): boolean {
    const { bytes, at } = this;
    const host = span.localEndpoint;
    if (host === undefined) {
      span.localEndpoint = this.endpoint();
      return span.localEndpoint.encoded !== undefined;
    }
    const { raw } = host;
    for (let i = raw.length - 1; i >= 0; i--) if (bytes[at + i] !== raw[i]) return false;
    this.at = at + raw.length;
    return true;
  }

  private endpoint(): KnownEndpoint {
    const start = this.at;
    if (!this.skipUsualEndpoint()) {
      const reader = new ByteReader(this.bytes, start);
      skipValue(reader, thrift.struct, 0);
      this.at = reader.at;
    }
    return endpoints.get(this.bytes, start, this.at);
  }

  /** One of address, port and name. */
  private skipUsualEndpoint(): boolean {
    const { bytes, at } = this;
    if (bytes[at] !== thrift.i32 || bytes[at + 7] !== thrift.i16) return false;
    this.at = at + 15;
    return bytes[at + 12] === thrift.string && this.text() >= 0 && this.byte() === thrift.stop;
  }

  private hasIds(): boolean {
    const { traceId, id } = span;
    return traceId >= 0 && id >= 0 && !isZero(this.bytes, traceId) && !isZero(this.bytes, id);
  }

  /** What Zipkin's conversion makes of the core annotations; false when that is more than one span of one kind. */
  private setTimes(): boolean {
    const { cs, cr, sr, ss } = this;
    const isClient = cs > 0 && cr > cs && sr === 0 && ss === 0;
    const isServer = sr > 0 && ss > sr && cs === 0 && cr === 0;
    if (!isClient && !(isServer && span.remoteEndpoint === undefined)) return false;
    span.kind = isClient ? CLIENT : SERVER;
    if (span.timestamp > 0 && span.duration > 0) {
      return Number.isSafeInteger(span.timestamp) && Number.isSafeInteger(span.duration);
    }
    if (span.timestamp !== 0 || span.duration !== 0) return false;
    span.timestamp = isClient ? cs : sr;
    span.duration = isClient ? cr - cs : ss - sr;
    // v1 has no shared flag: a server that does not own the times shares its client's span.
    span.shared = isServer;
    return true;
  }

  private isHead(type: number, field: number): boolean {
    const { bytes, at } = this;
    this.at = at + 3;
    return bytes[at] === type && bytes[at + 1] === 0 && bytes[at + 2] === field;
  }

  private byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  private int16(): number {
    const high = this.byte();
    return (high << 8) | this.byte();
  }

  private int32(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
    return high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  }

  private int64(): number {
    const high = this.int32();
    return high * TWO_32 + (this.int32() >>> 0);
  }

  /** Where the text begins whose length comes next; -1 when it is not all there. */
  private text(): number {
    const length = this.int32();
    const start = this.at;
    if (length < 0 || length > this.bytes.length - start) return -1;
    this.at = start + length;
    return start;
  }
}

/** An address, or the host alone: these are no tags. */
function isReserved(bytes: Buffer, key: number, keyEnd: number): boolean {
  if (keyEnd - key !== 2) return false;
  const first = bytes[key];
  const second = bytes[key + 1];
  if (second === letter.c) return first === letter.l;
  return second === letter.a && (first === letter.s || first === letter.c || first === letter.m);
}
