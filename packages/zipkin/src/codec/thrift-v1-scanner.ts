import { DecodeError } from "../model/decode-error.ts";
import type { EncodedSpans } from "../model/encoded-spans.ts";
import { ByteReader } from "./byte-reader.ts";
import { EndpointCache, type KnownEndpoint } from "./endpoint-cache.ts";
import { SpanWriter } from "./span-writer.ts";
import { readListHead, skipValue, thrift } from "./thrift.ts";
import { asThriftError, EndpointReader, encodeThriftEndpoint, readSpan } from "./thrift-v1.ts";
import { convertV1 } from "./v1-convert.ts";

/**
 * What `decodeThriftV1` reads, as it is stored. The usual span (start and end of one call as one service
 * saw it, tags in plain text) is written from its bytes; any other one goes through the v1 model.
 */
export function readThriftV1(body: Buffer): EncodedSpans {
  try {
    return new Scanner(body).list();
  } catch (error) {
    throw asThriftError(error);
  }
}

const endpoints = new EndpointCache(encodeThriftEndpoint, { from: 0, to: 32 });

const text = {
  traceId: Buffer.from('{"traceId":"'),
  parentId: Buffer.from('","parentId":"'),
  id: Buffer.from('","id":"'),
  client: Buffer.from('","kind":"CLIENT"'),
  server: Buffer.from('","kind":"SERVER"'),
  name: Buffer.from(',"name":"'),
  endName: Buffer.from('"'),
  timestamp: Buffer.from(',"timestamp":'),
  duration: Buffer.from(',"duration":'),
  localEndpoint: Buffer.from(',"localEndpoint":'),
  remoteEndpoint: Buffer.from(',"remoteEndpoint":'),
  tags: Buffer.from(',"tags":{"'),
  value: Buffer.from('":"'),
  nextTag: Buffer.from('","'),
  endTags: Buffer.from('"}'),
  debug: Buffer.from(',"debug":true'),
  shared: Buffer.from(',"shared":true'),
  end: Buffer.from("}"),
} as const;

const coreNames: readonly Buffer[] = ["cs", "cr", "sr", "ss"].map((name) => Buffer.from(name));
const addressNames: readonly Buffer[] = ["sa", "ca", "ma", "lc"].map((name) => Buffer.from(name));
const [SERVER_ADDRESS = Buffer.alloc(0)] = addressNames;

/** Thrift's AnnotationType. */
const STRING = 6;
const BOOL = 0;
const TRUE = Buffer.from([1]);

/** Bytes from `start` to `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

interface Tag {
  readonly key: Range;
  readonly value: Range;
}

/** The usual span; offsets of its ids, -1 for none. */
interface UsualSpan {
  traceIdHigh: number;
  traceId: number;
  id: number;
  parentId: number;
  name: Range | undefined;
  /** Microseconds; 0 when absent. */
  timestamp: number;
  duration: number;
  debug: boolean;
  /** Of `cs`, `cr`, `sr` and `ss`. */
  readonly times: [number, number, number, number];
  host: KnownEndpoint | undefined;
  server: KnownEndpoint | undefined;
  readonly tags: Tag[];
}

class Scanner {
  private readonly bytes: Buffer;
  private readonly reader: ByteReader;
  private readonly repeated: EndpointReader;
  private readonly writer: SpanWriter;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.reader = new ByteReader(bytes);
    this.repeated = new EndpointReader(this.reader);
    this.writer = new SpanWriter(bytes.length);
  }

  list(): EncodedSpans {
    const { reader, writer } = this;
    // The element type is not looked at: some reporters claim strings and send structures.
    const { size } = readListHead(reader);
    for (let i = 0; i < size; i++) {
      const start = reader.at;
      const span = this.tryUsual();
      if (span !== undefined) this.write(span);
      else {
        reader.at = start;
        for (const other of convertV1(readSpan(reader, this.repeated))) {
          writer.begin();
          writer.putAll(Buffer.from(JSON.stringify(other)));
          writer.end();
        }
      }
    }
    return writer.spans;
  }

  private tryUsual(): UsualSpan | undefined {
    try {
      return this.span();
    } catch (error) {
      if (error instanceof DecodeError) return undefined; // the other way says what is wrong
      throw error;
    }
  }

  /** Undefined, and anywhere, when it is not the usual one. */
  private span(): UsualSpan | undefined {
    const { reader } = this;
    const span: UsualSpan = {
      traceIdHigh: -1,
      traceId: -1,
      id: -1,
      parentId: -1,
      name: undefined,
      timestamp: 0,
      duration: 0,
      debug: false,
      times: [0, 0, 0, 0],
      host: undefined,
      server: undefined,
      tags: [],
    };
    for (let before = 0; ; ) {
      const type = reader.byte();
      if (type === thrift.stop) return isUsual(span, this.bytes) ? span : undefined;
      const field = reader.int16();
      // In order, so none is there twice.
      if (field <= before || !this.field(span, field, type)) return undefined;
      before = field;
    }
  }

  private field(span: UsualSpan, field: number, type: number): boolean {
    const { reader } = this;
    if (type === thrift.i64) {
      if (field === 10) span.timestamp = reader.int64();
      else if (field === 11) span.duration = reader.int64();
      else {
        const at = reader.take(8);
        if (field === 1) span.traceId = at;
        else if (field === 4) span.id = at;
        else if (field === 5) span.parentId = at;
        else if (field === 12) span.traceIdHigh = at;
        else return false;
      }
      return true;
    }
    if (type === thrift.string && field === 3) {
      span.name = this.plainText();
      return span.name !== undefined && !this.hasUpperCase(span.name);
    }
    if (type === thrift.bool && field === 9) {
      span.debug = reader.byte() === 1;
      return true;
    }
    if (type !== thrift.list || (field !== 6 && field !== 8)) return false;
    const { type: item, size } = readListHead(reader);
    if (item !== thrift.struct) return false;
    for (let i = 0; i < size; i++) {
      if (!(field === 6 ? this.annotation(span) : this.binaryAnnotation(span))) return false;
    }
    return true;
  }

  /** timestamp = 1, value = 2, host = 3: all of them, in order. */
  private annotation(span: UsualSpan): boolean {
    const { reader } = this;
    if (!this.isHead(thrift.i64, 1)) return false;
    const timestamp = reader.int64();
    if (!this.isHead(thrift.string, 2)) return false;
    const name = this.takeText();
    const which = coreNames.findIndex((core) => this.isText(name, core));
    if (which < 0 || span.times[which] !== 0 || timestamp <= 0) return false;
    span.times[which] = timestamp;
    return this.isHead(thrift.struct, 3) && this.isHost(span) && reader.byte() === thrift.stop;
  }

  /** key = 1, value = 2, annotation_type = 3, host = 4: all of them, in order. */
  private binaryAnnotation(span: UsualSpan): boolean {
    const { reader } = this;
    if (!this.isHead(thrift.string, 1)) return false;
    const key = this.plainText();
    if (key === undefined || !this.isHead(thrift.string, 2)) return false;
    const value = this.takeText();
    if (!this.isHead(thrift.i32, 3)) return false;
    const type = reader.int32();
    if (!this.isHead(thrift.struct, 4)) return false;
    if (type === STRING) {
      const isTag = !addressNames.some((name) => this.isText(key, name));
      if (!isTag || !this.isPlain(value) || !this.isHost(span)) return false;
      span.tags.push({ key, value });
    } else {
      const isTrue = type === BOOL && this.isText(value, TRUE);
      if (!isTrue || !this.isText(key, SERVER_ADDRESS) || span.server !== undefined) return false;
      span.server = this.endpoint();
      if (span.server.encoded === undefined) return false;
    }
    return reader.byte() === thrift.stop;
  }

  private isHead(type: number, field: number): boolean {
    return this.reader.byte() === type && this.reader.int16() === field;
  }

  /** Whether the endpoint that comes next is that of the whole span. */
  private isHost(span: UsualSpan): boolean {
    const { reader } = this;
    const { host } = span;
    if (host === undefined) {
      span.host = this.endpoint();
      return span.host.encoded !== undefined;
    }
    if (!reader.isNext(host.raw)) return false;
    reader.take(host.raw.length);
    return true;
  }

  private endpoint(): KnownEndpoint {
    const { reader, bytes } = this;
    const start = reader.at;
    const known = endpoints.find(bytes, start);
    if (known !== undefined) {
      reader.take(known.raw.length);
      return known;
    }
    skipValue(reader, thrift.struct, 0);
    return endpoints.read(bytes, start, reader.at);
  }

  private takeText(): Range {
    const length = this.reader.int32();
    const start = this.reader.take(length);
    return { start, end: start + length };
  }

  private plainText(): Range | undefined {
    const range = this.takeText();
    return this.isPlain(range) ? range : undefined;
  }

  /** Whether it stands in JSON as it is. */
  private isPlain({ start, end }: Range): boolean {
    for (let i = start; i < end; i++) {
      const letter = this.bytes[i] ?? 0;
      if (letter < 0x20 || letter > 126 || letter === 0x22 || letter === 0x5c) return false;
    }
    return true;
  }

  private hasUpperCase({ start, end }: Range): boolean {
    for (let i = start; i < end; i++) {
      const letter = this.bytes[i] ?? 0;
      if (letter >= 65 && letter <= 90) return true;
    }
    return false;
  }

  private isText({ start, end }: Range, expected: Buffer): boolean {
    if (end - start !== expected.length) return false;
    for (let i = 0; i < expected.length; i++) {
      if (this.bytes[start + i] !== expected[i]) return false;
    }
    return true;
  }

  private write(span: UsualSpan): void {
    const { writer, bytes } = this;
    const [cs, cr, sr, ss] = span.times;
    const isClient = cs !== 0;
    const isTimed = span.timestamp > 0;
    writer.begin();
    writer.putAll(text.traceId);
    const high = span.traceIdHigh;
    if (high >= 0 && !isZero(bytes, high)) writer.putHex(bytes, high, high + 8);
    writer.putHex(bytes, span.traceId, span.traceId + 8);
    if (hasParent(span, bytes)) {
      writer.putAll(text.parentId);
      writer.putHex(bytes, span.parentId, span.parentId + 8);
    }
    writer.putAll(text.id);
    writer.putHex(bytes, span.id, span.id + 8);
    writer.putAll(isClient ? text.client : text.server);
    if (span.name !== undefined && span.name.end > span.name.start) {
      writer.putAll(text.name);
      writer.put(bytes, span.name.start, span.name.end);
      writer.putAll(text.endName);
    }
    writer.putAll(text.timestamp);
    writer.putNumber(isTimed ? span.timestamp : isClient ? cs : sr);
    writer.putAll(text.duration);
    writer.putNumber(isTimed ? span.duration : isClient ? cr - cs : ss - sr);
    this.writeEndpoint(text.localEndpoint, span.host);
    this.writeEndpoint(text.remoteEndpoint, span.server);
    this.writeTags(span.tags);
    if (span.debug) writer.putAll(text.debug);
    // v1 has no shared flag: a server that does not own the times shares its client's span.
    if (!isClient && !isTimed) writer.putAll(text.shared);
    writer.putAll(text.end);
    writer.end();
  }

  private writeEndpoint(head: Buffer, endpoint: KnownEndpoint | undefined): void {
    if (endpoint?.encoded === undefined) return;
    this.writer.putAll(head);
    this.writer.putAll(endpoint.encoded);
  }

  private writeTags(tags: readonly Tag[]): void {
    const { writer, bytes } = this;
    for (const [i, { key, value }] of tags.entries()) {
      writer.putAll(i === 0 ? text.tags : text.nextTag);
      writer.put(bytes, key.start, key.end);
      writer.putAll(text.value);
      writer.put(bytes, value.start, value.end);
    }
    if (tags.length > 0) writer.putAll(text.endTags);
  }
}

/** Whether all that `write` needs is there, and no rule of the v1 model says anything else. */
function isUsual(span: UsualSpan, bytes: Buffer): boolean {
  const { traceId, id, times, timestamp, duration, host, server, tags } = span;
  if (traceId < 0 || id < 0 || isZero(bytes, traceId) || isZero(bytes, id)) return false;
  const [cs, cr, sr, ss] = times;
  const isClient = cs > 0 && cr > cs && sr === 0 && ss === 0;
  const isServer = sr > 0 && ss > sr && cs === 0 && cr === 0 && server === undefined;
  const isTimed = timestamp > 0 && duration > 0;
  const isUntimed = timestamp === 0 && duration === 0;
  return (
    (isClient || isServer) && (isTimed || isUntimed) && host !== undefined && sort(tags, bytes)
  );
}

/** By key. False when one is there twice, or looks like a number: JavaScript's objects have their own order for those. */
function sort(tags: Tag[], bytes: Buffer): boolean {
  for (const { key } of tags) {
    const first = bytes[key.start] ?? 0;
    if (first >= 0x30 && first <= 0x39) return false;
  }
  if (tags.length < 2) return true;
  tags.sort((a, b) => compare(bytes, a.key, b.key));
  return tags.every((tag, i) => {
    const before = tags[i - 1];
    return before === undefined || compare(bytes, before.key, tag.key) !== 0;
  });
}

function compare(bytes: Buffer, left: Range, right: Range): number {
  return bytes.compare(bytes, right.start, right.end, left.start, left.end);
}

/** No id, zero, or its own: no parent. */
function hasParent({ parentId, id }: UsualSpan, bytes: Buffer): boolean {
  if (parentId < 0 || isZero(bytes, parentId)) return false;
  return bytes.compare(bytes, id, id + 8, parentId, parentId + 8) !== 0;
}

function isZero(bytes: Buffer, start: number): boolean {
  for (let i = start; i < start + 8; i++) if (bytes[i] !== 0) return false;
  return true;
}
