import { DecodeError } from "../model/decode-error.ts";
import type { Span } from "../model/span.ts";
import { ByteReader } from "./byte-reader.ts";
import {
  type OtlpEvent,
  type OtlpOrigin,
  type OtlpSpan,
  type OtlpTime,
  type OtlpValue,
  otlpToZipkin,
} from "./otlp-span.ts";
import { key, readBytes, readMessage, readText, wire } from "./protobuf.ts";

/** ExportTraceServiceRequest of https://github.com/open-telemetry/opentelemetry-proto */
export function decodeOtlpProto(body: Buffer): Span[] {
  const spans: Span[] = [];
  readMessage(new ByteReader(body), (fieldKey, reader) => {
    if (fieldKey !== key(1, wire.bytes)) return false;
    readResourceSpans(readBytes(reader), spans);
    return true;
  });
  return spans;
}

/** Values inside values. */
const MAX_DEPTH = 32;

function readResourceSpans(reader: ByteReader, spans: Span[]): void {
  let resource: ReadonlyMap<string, OtlpValue> = new Map();
  const scopes: ByteReader[] = [];
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.bytes)) resource = readResource(readBytes(reader));
    else if (fieldKey === key(2, wire.bytes)) scopes.push(readBytes(reader));
    else return false;
    return true;
  });
  for (const scope of scopes) readScopeSpans(scope, resource, spans);
}

function readResource(reader: ByteReader): ReadonlyMap<string, OtlpValue> {
  const attributes = new Map<string, OtlpValue>();
  readMessage(reader, (fieldKey) => {
    if (fieldKey !== key(1, wire.bytes)) return false;
    readAttribute(readBytes(reader), attributes, 0);
    return true;
  });
  return attributes;
}

function readScopeSpans(
  reader: ByteReader,
  resource: ReadonlyMap<string, OtlpValue>,
  into: Span[],
): void {
  let scopeName = "";
  let scopeVersion = "";
  const spans: ByteReader[] = [];
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(2, wire.bytes)) {
      spans.push(readBytes(reader));
      return true;
    }
    if (fieldKey !== key(1, wire.bytes)) return false;
    const scope = readBytes(reader);
    readMessage(scope, (scopeKey) => {
      if (scopeKey === key(1, wire.bytes)) scopeName = readText(scope);
      else if (scopeKey === key(2, wire.bytes)) scopeVersion = readText(scope);
      else return false;
      return true;
    });
    return true;
  });
  const origin: OtlpOrigin = { resource, scopeName, scopeVersion };
  for (const span of spans) into.push(otlpToZipkin(readSpan(span), origin));
}

function readSpan(reader: ByteReader): OtlpSpan {
  const attributes = new Map<string, OtlpValue>();
  const events: OtlpEvent[] = [];
  const span = {
    traceId: "",
    spanId: "",
    parentSpanId: "",
    traceState: "",
    name: "",
    kind: 0,
    start: NO_TIME,
    end: NO_TIME,
    attributes,
    events,
    statusCode: 0,
    statusMessage: "",
    droppedAttributes: 0,
    droppedEvents: 0,
  };
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.bytes)) span.traceId = reader.hex(reader.varint());
    else if (fieldKey === key(2, wire.bytes)) span.spanId = reader.hex(reader.varint());
    else if (fieldKey === key(3, wire.bytes)) span.traceState = readText(reader);
    else if (fieldKey === key(4, wire.bytes)) span.parentSpanId = reader.hex(reader.varint());
    else if (fieldKey === key(5, wire.bytes)) span.name = readText(reader);
    else if (fieldKey === key(6, wire.varint)) span.kind = reader.varint();
    else if (fieldKey === key(7, wire.fixed64)) span.start = readTime(reader);
    else if (fieldKey === key(8, wire.fixed64)) span.end = readTime(reader);
    else if (fieldKey === key(9, wire.bytes)) readAttribute(readBytes(reader), attributes, 0);
    else if (fieldKey === key(10, wire.varint)) span.droppedAttributes = reader.varint();
    else if (fieldKey === key(11, wire.bytes)) events.push(readEvent(readBytes(reader)));
    else if (fieldKey === key(12, wire.varint)) span.droppedEvents = reader.varint();
    else if (fieldKey === key(15, wire.bytes)) readStatus(readBytes(reader), span);
    else return false;
    return true;
  });
  return span;
}

function readStatus(reader: ByteReader, span: { statusCode: number; statusMessage: string }): void {
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(2, wire.bytes)) span.statusMessage = readText(reader);
    else if (fieldKey === key(3, wire.varint)) span.statusCode = reader.varint();
    else return false;
    return true;
  });
}

function readEvent(reader: ByteReader): OtlpEvent {
  const attributes = new Map<string, OtlpValue>();
  let time = NO_TIME;
  let name = "";
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.fixed64)) time = readTime(reader);
    else if (fieldKey === key(2, wire.bytes)) name = readText(reader);
    else if (fieldKey === key(3, wire.bytes)) readAttribute(readBytes(reader), attributes, 0);
    else return false;
    return true;
  });
  return { time, name, attributes };
}

const NO_TIME: OtlpTime = { micros: 0, nanos: 0 };

/** Nanoseconds since the epoch are beyond 2^53: divided in halves (2^32 = 4294967 * 1000 + 296). */
function readTime(reader: ByteReader): OtlpTime {
  const start = reader.take(8);
  const high = reader.bytes.readUInt32LE(start + 4);
  const rest = high * 296 + reader.bytes.readUInt32LE(start);
  return { micros: high * 4294967 + Math.floor(rest / 1000), nanos: rest % 1000 };
}

function readAttribute(reader: ByteReader, into: Map<string, OtlpValue>, depth: number): void {
  let name = "";
  let value: OtlpValue = "";
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.bytes)) name = readText(reader);
    else if (fieldKey === key(2, wire.bytes)) value = readValue(readBytes(reader), depth);
    else return false;
    return true;
  });
  into.set(name, value);
}

function readValue(reader: ByteReader, depth: number): OtlpValue {
  if (depth > MAX_DEPTH) throw new DecodeError(`Malformed: nested deeper than ${MAX_DEPTH} values`);
  let value: OtlpValue = "";
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.bytes)) value = readText(reader);
    else if (fieldKey === key(2, wire.varint)) value = reader.varint() !== 0;
    else if (fieldKey === key(3, wire.varint)) value = readInteger(reader);
    else if (fieldKey === key(4, wire.fixed64)) value = reader.double64();
    else if (fieldKey === key(5, wire.bytes)) value = readList(readBytes(reader), depth);
    else if (fieldKey === key(6, wire.bytes)) value = readMap(readBytes(reader), depth);
    else if (fieldKey === key(7, wire.bytes)) {
      const bytes = readBytes(reader);
      value = bytes.bytes.toString("base64", bytes.at, bytes.end);
    } else return false;
    return true;
  });
  return value;
}

/** Of a varint: 7 bits each, within the 53 that a number holds. */
const SAFE_BYTES = 7;

function readInteger(reader: ByteReader): OtlpValue {
  const start = reader.at;
  const value = reader.varint();
  if (reader.at - start <= SAFE_BYTES) return value;
  let exact = 0n;
  for (let at = reader.at - 1; at >= start; at--) {
    exact = (exact << 7n) | BigInt((reader.bytes[at] ?? 0) & 127);
  }
  const signed = BigInt.asIntN(64, exact); // negative ones are ten bytes long
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : String(signed);
}

function readList(reader: ByteReader, depth: number): OtlpValue {
  const items: OtlpValue[] = [];
  readMessage(reader, (fieldKey) => {
    if (fieldKey !== key(1, wire.bytes)) return false;
    items.push(readValue(readBytes(reader), depth + 1));
    return true;
  });
  return items;
}

function readMap(reader: ByteReader, depth: number): OtlpValue {
  const entries = new Map<string, OtlpValue>();
  readMessage(reader, (fieldKey) => {
    if (fieldKey !== key(1, wire.bytes)) return false;
    readAttribute(readBytes(reader), entries, depth + 1);
    return true;
  });
  return Object.fromEntries(entries);
}
