import { DecodeError } from "../model/decode-error.ts";
import type { EncodedSpans } from "../model/encoded-spans.ts";
import { ByteReader } from "./byte-reader.ts";
import { EndpointCache, type KnownEndpoint } from "./endpoint-cache.ts";
import { encodeProto3Endpoint, field, readProto3Span } from "./proto3.ts";
import { key, skipField, wire } from "./protobuf.ts";
import { SpanWriter } from "./span-writer.ts";
import { isZero, UsualSpan } from "./usual-span.ts";
import { writeUsualSpan } from "./usual-span-writer.ts";

/**
 * ListOfSpans of https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto
 * The usual span (each field once, plain text) is written from its bytes; any other one goes through
 * `readProto3Span`, which alone decides what is an error.
 */
export function readProto3(body: Buffer): EncodedSpans {
  try {
    return new Scanner(body).list();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(`${error.message} reading List<Span> from proto3`);
  }
}

/** The byte in front tells the length. */
const endpoints = new EndpointCache((raw) => encodeProto3Endpoint(new ByteReader(raw, 1)), {
  from: 0,
  to: 64,
});
/** Of the span that is being read. */
const span = new UsualSpan();

const SPAN = key(1, wire.bytes);
/** Inside tags and annotations. */
const KEY = key(1, wire.bytes);
const TIMESTAMP = key(1, wire.fixed64);
const VALUE = key(2, wire.bytes);

/** JSON is so much longer, so that the writer's buffer need not grow. */
const GROWTH = 3;
const TWO_32 = 2 ** 32;

class Scanner {
  private readonly bytes: Buffer;
  private readonly writer: SpanWriter;
  private at = 0;
  /** Of the span. */
  private end = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.writer = new SpanWriter(bytes.length * GROWTH);
  }

  list(): EncodedSpans {
    const { bytes, writer } = this;
    const reader = new ByteReader(bytes);
    while (reader.left > 0) {
      const fieldKey = reader.varint();
      if (fieldKey !== SPAN) {
        skipField(reader, fieldKey);
        continue;
      }
      const length = reader.varint();
      this.at = reader.take(length);
      this.end = reader.at;
      if (this.tryUsual() && writeUsualSpan(writer, bytes, span)) continue;
      const exact = new ByteReader(bytes, reader.at - length, reader.at);
      writer.putSpan(JSON.stringify(readProto3Span(exact)));
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
    const { bytes, end } = this;
    let seen = 0;
    span.reset();
    while (this.at < end) {
      const fieldKey = bytes[this.at++] ?? 0;
      const bit = 1 << (fieldKey >> 3);
      if ((seen & bit) !== 0) return false;
      if (fieldKey !== field.annotations && fieldKey !== field.tags) seen |= bit;
      if (!this.field(fieldKey)) return false;
    }
    const { traceIdHigh, traceId, id } = span;
    if (this.at !== end || traceId < 0 || id < 0 || isZero(bytes, id)) return false;
    return !isZero(bytes, traceIdHigh >= 0 ? traceIdHigh : traceId);
  }

  private field(fieldKey: number): boolean {
    switch (fieldKey) {
      case field.traceId:
        return this.traceId();
      case field.parentId:
        span.parentId = this.id();
        return span.parentId >= 0;
      case field.id:
        span.id = this.id();
        return span.id >= 0;
      case field.kind:
        span.kind = this.byte();
        return span.kind <= 4;
      case field.name:
        span.name = this.part();
        span.nameEnd = this.at;
        return span.name >= 0;
      case field.timestamp:
        span.timestamp = this.fixed64();
        return Number.isSafeInteger(span.timestamp);
      case field.duration:
        span.duration = this.varint();
        return Number.isSafeInteger(span.duration);
      case field.localEndpoint:
        span.localEndpoint = this.endpoint();
        return span.localEndpoint !== undefined;
      case field.remoteEndpoint:
        span.remoteEndpoint = this.endpoint();
        return span.remoteEndpoint !== undefined;
      case field.annotations:
        return this.annotation();
      case field.tags:
        return this.tag();
      case field.debug: {
        const debug = this.byte();
        span.debug = debug === 1;
        return debug <= 1;
      }
      case field.shared: {
        const shared = this.byte();
        span.shared = shared === 1;
        return shared <= 1;
      }
      default:
        return false;
    }
  }

  private byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  /** Takes a length that fits into one byte or two, and that many bytes. Where they begin; -1 when they are not there. */
  private part(): number {
    let length = this.byte();
    if (length > 127) {
      const high = this.byte();
      if (high > 127) return -1;
      length += (high - 1) << 7;
    }
    const start = this.at;
    this.at += length;
    return this.at <= this.end ? start : -1;
  }

  /** Of 8 or 16 bytes; an id of the latter whose left half is zero is unusual. */
  private traceId(): boolean {
    const start = this.part();
    const length = this.at - start;
    if (start < 0 || (length !== 8 && length !== 16)) return false;
    if (length === 16) span.traceIdHigh = start;
    span.traceId = this.at - 8;
    return true;
  }

  private id(): number {
    const start = this.part();
    return this.at - start === 8 ? start : -1;
  }

  private fixed64(): number {
    const { bytes, at } = this;
    this.at = at + 8;
    let high = 0;
    let low = 0;
    for (let i = 3; i >= 0; i--) {
      low = (low << 8) | (bytes[at + i] ?? 0);
      high = (high << 8) | (bytes[at + 4 + i] ?? 0);
    }
    return high * TWO_32 + (low >>> 0);
  }

  /** Not more than 56 bits; what has more is no safe integer anyway. */
  private varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  }

  private endpoint(): KnownEndpoint | undefined {
    const { bytes, at } = this;
    const length = bytes[at] ?? 0;
    const end = at + 1 + length;
    if (length > 127 || end > this.end) return undefined;
    this.at = end;
    return endpoints.get(bytes, at, end);
  }

  /** Time, then text. */
  private annotation(): boolean {
    const start = this.part();
    if (start < 0) return false;
    const end = this.at;
    this.at = start;
    if (this.byte() !== TIMESTAMP) return false;
    const timestamp = this.fixed64();
    if (!Number.isSafeInteger(timestamp) || this.byte() !== VALUE) return false;
    const value = this.part();
    return value >= 0 && this.at === end && span.annotations.add(timestamp, value, end);
  }

  /** Key, then value; some leave an empty value out. */
  private tag(): boolean {
    const start = this.part();
    if (start < 0) return false;
    const end = this.at;
    this.at = start;
    if (this.byte() !== KEY) return false;
    const tagKey = this.part();
    const tagKeyEnd = this.at;
    if (tagKey < 0 || tagKey === tagKeyEnd) return false;
    if (tagKeyEnd === end) return span.tags.add(this.bytes, tagKey, end, end, end);
    if (this.byte() !== VALUE) return false;
    const value = this.part();
    return (
      value >= 0 && this.at === end && span.tags.add(this.bytes, tagKey, tagKeyEnd, value, end)
    );
  }
}
