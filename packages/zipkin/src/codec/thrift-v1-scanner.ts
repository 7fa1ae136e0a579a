import { DecodeError } from "../model/decode-error.ts";
import type { EncodedSpans } from "../model/encoded-spans.ts";
import { ByteReader } from "./byte-reader.ts";
import { EndpointCache, type KnownEndpoint } from "./endpoint-cache.ts";
import { SpanWriter } from "./span-writer.ts";
import { readListHead, skipValue, thrift } from "./thrift.ts";
import { encodeThriftEndpoint, readThriftSpan } from "./thrift-v1.ts";
import { isUsual, type Range, type UsualSpan } from "./usual-v1-span.ts";
import { writeUsualSpan } from "./usual-v1-writer.ts";
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

const endpoints = new EndpointCache(encodeThriftEndpoint, { from: 0, to: 32 });

const coreNames: readonly Buffer[] = ["cs", "cr", "sr", "ss"].map((name) => Buffer.from(name));
const addressNames: readonly Buffer[] = ["sa", "ca", "ma", "lc"].map((name) => Buffer.from(name));
const [SERVER_ADDRESS = Buffer.alloc(0)] = addressNames;

/** Thrift's AnnotationType. */
const STRING = 6;
const BOOL = 0;
const TRUE = Buffer.from([1]);

class Scanner {
  private readonly bytes: Buffer;
  private readonly reader: ByteReader;
  private readonly writer: SpanWriter;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.reader = new ByteReader(bytes);
    this.writer = new SpanWriter(bytes.length);
  }

  list(): EncodedSpans {
    const { reader, writer } = this;
    // The element type is not looked at: some reporters claim strings and send structures.
    const { size } = readListHead(reader);
    for (let i = 0; i < size; i++) {
      const start = reader.at;
      const span = this.tryUsual();
      if (span !== undefined) writeUsualSpan(this.writer, this.bytes, span);
      else {
        reader.at = start;
        for (const other of convertV1(readThriftSpan(reader))) {
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
}
