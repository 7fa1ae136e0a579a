import { putTag } from "../model/create-span.ts";
import { DecodeError } from "../model/decode-error.ts";
import { createEndpoint } from "../model/endpoint.ts";
import { normaliseParentId, normaliseSpanId, normaliseTraceId } from "../model/hex-id.ts";
import { type IpAddress, ipAddressOfGroups } from "../model/ip-address.ts";
import { type Annotation, type Endpoint, kinds, type Span } from "../model/span.ts";
import type { ByteReader } from "./byte-reader.ts";
import { beginSpan, endSpan, type IncomingSpan } from "./incoming-span.ts";
import { key, readBytes, readMessage, readText, skipField, wire } from "./protobuf.ts";

/** https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto */
export const field: Readonly<Record<keyof IncomingSpan, number>> = {
  traceId: key(1, wire.bytes),
  parentId: key(2, wire.bytes),
  id: key(3, wire.bytes),
  kind: key(4, wire.varint),
  name: key(5, wire.bytes),
  timestamp: key(6, wire.fixed64),
  duration: key(7, wire.varint),
  localEndpoint: key(8, wire.bytes),
  remoteEndpoint: key(9, wire.bytes),
  annotations: key(10, wire.bytes),
  tags: key(11, wire.bytes),
  debug: key(12, wire.varint),
  shared: key(13, wire.varint),
};

/** One message of type Span. */
export function readProto3Span(reader: ByteReader): Span {
  const span = beginSpan();
  while (reader.left > 0) {
    const fieldKey = reader.varint();
    readField(span, fieldKey, reader);
  }
  return endSpan(span);
}

function readField(span: IncomingSpan, fieldKey: number, reader: ByteReader): void {
  switch (fieldKey) {
    case field.traceId:
      span.traceId = readId(reader, normaliseTraceId);
      return;
    case field.parentId:
      span.parentId = readId(reader, normaliseParentId);
      return;
    case field.id:
      span.id = readId(reader, normaliseSpanId);
      return;
    case field.kind:
      span.kind = kinds[reader.varint() - 1] ?? span.kind; // 0 and unknown ones say nothing
      return;
    case field.name:
      span.name = readText(reader);
      return;
    case field.timestamp:
      span.timestamp = reader.fixed64();
      return;
    case field.duration:
      span.duration = reader.varint();
      return;
    case field.localEndpoint:
      span.localEndpoint = readEndpoint(readBytes(reader));
      return;
    case field.remoteEndpoint:
      span.remoteEndpoint = readEndpoint(readBytes(reader));
      return;
    case field.annotations:
      readAnnotation(readBytes(reader), span.annotations);
      return;
    case field.tags:
      readTag(readBytes(reader), span.tags);
      return;
    case field.debug:
      span.debug = readBoolean(reader) || span.debug;
      return;
    case field.shared:
      span.shared = readBoolean(reader) || span.shared;
      return;
    default:
      skipField(reader, fieldKey);
  }
}

/** One byte, 0 or 1, as every encoder writes it. */
function readBoolean(reader: ByteReader): boolean {
  const byte = reader.byte();
  if (byte > 1) throw new DecodeError("Malformed");
  return byte === 1;
}

/** Ids are raw bytes here; none at all is no id. */
function readId<T>(reader: ByteReader, normalise: (hex: string) => T): T | undefined {
  const length = reader.varint();
  return length === 0 ? undefined : normalise(reader.hex(length));
}

/** The JSON of an endpoint as it is stored; undefined when there is nothing to store. */
export function encodeProto3Endpoint(reader: ByteReader): string | undefined {
  return JSON.stringify(readEndpoint(reader));
}

function readEndpoint(reader: ByteReader): Endpoint | undefined {
  let serviceName: string | undefined;
  let ipv4: string | undefined;
  let ipv6: string | undefined;
  let port = 0;
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.bytes)) serviceName = readText(reader);
    else if (fieldKey === key(2, wire.bytes) || fieldKey === key(3, wire.bytes)) {
      const address = readIp(readBytes(reader));
      if (address?.family === 4) ipv4 = address.text;
      else if (address?.family === 6) ipv6 = address.text;
    } else if (fieldKey === key(4, wire.varint)) port = reader.varint();
    else return false;
    return true;
  });
  return createEndpoint(serviceName, ipv4, ipv6, port);
}

/** Of either family, whatever field it came in: the length tells. Any other length is no address. */
export function readIp(reader: ByteReader): IpAddress | undefined {
  if (reader.left === 4) {
    const { bytes, at } = reader;
    return { family: 4, text: `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}` };
  }
  if (reader.left !== 16) return undefined;
  return ipAddressOfGroups(Array.from({ length: 8 }, () => reader.int16() & 0xffff));
}

/** Without a time or a text it says nothing. */
function readAnnotation(reader: ByteReader, annotations: Annotation[]): void {
  let timestamp = 0;
  let value = "";
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.fixed64)) timestamp = reader.fixed64();
    else if (fieldKey === key(2, wire.bytes)) value = readText(reader);
    else return false;
    return true;
  });
  if (timestamp !== 0 && value !== "") annotations.push({ timestamp, value });
}

function readTag(reader: ByteReader, tags: Record<string, string>): void {
  let tagKey = "";
  let value = "";
  readMessage(reader, (fieldKey) => {
    if (fieldKey === key(1, wire.bytes)) tagKey = readText(reader);
    else if (fieldKey === key(2, wire.bytes)) value = readText(reader);
    else return false;
    return true;
  });
  if (tagKey !== "") putTag(tags, tagKey, value);
}
