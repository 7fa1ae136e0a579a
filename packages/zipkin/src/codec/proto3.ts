import { assembleSpan, missingIds, putTag } from "../model/create-span.ts";
import { DecodeError } from "../model/decode-error.ts";
import { createEndpoint } from "../model/endpoint.ts";
import { normaliseParentId, normaliseSpanId, normaliseTraceId } from "../model/hex-id.ts";
import { type IpAddress, ipAddressOfGroups } from "../model/ip-address.ts";
import { type Annotation, type Endpoint, type Kind, kinds, type Span } from "../model/span.ts";
import { ByteReader } from "./byte-reader.ts";
import { key, readBytes, readMessage, readText, skipField, wire } from "./protobuf.ts";

/** ListOfSpans of https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto */
export function decodeProto3(body: Buffer): Span[] {
  const spans: Span[] = [];
  try {
    readMessage(new ByteReader(body), (fieldKey, reader) => {
      if (fieldKey !== key(1, wire.bytes)) return false;
      spans.push(readSpan(readBytes(reader)));
      return true;
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(`${error.message} reading List<Span> from proto3`);
  }
  return spans;
}

const field = {
  traceId: key(1, wire.bytes),
  parentId: key(2, wire.bytes),
  id: key(3, wire.bytes),
  kind: key(4, wire.varint),
  name: key(5, wire.bytes),
  timestamp: key(6, wire.fixed64),
  duration: key(7, wire.varint),
  localEndpoint: key(8, wire.bytes),
  remoteEndpoint: key(9, wire.bytes),
  annotation: key(10, wire.bytes),
  tag: key(11, wire.bytes),
  debug: key(12, wire.varint),
  shared: key(13, wire.varint),
} as const;

interface Draft {
  traceId: string | undefined;
  parentId: string | undefined;
  id: string | undefined;
  kind: Kind | undefined;
  name: string | undefined;
  timestamp: number;
  duration: number;
  localEndpoint: Endpoint | undefined;
  remoteEndpoint: Endpoint | undefined;
  annotations: Annotation[];
  tags: Record<string, string>;
  debug: boolean;
  shared: boolean;
}

function readSpan(reader: ByteReader): Span {
  const draft: Draft = {
    traceId: undefined,
    parentId: undefined,
    id: undefined,
    kind: undefined,
    name: undefined,
    timestamp: 0,
    duration: 0,
    localEndpoint: undefined,
    remoteEndpoint: undefined,
    annotations: [],
    tags: {},
    debug: false,
    shared: false,
  };
  while (reader.left > 0) {
    const fieldKey = reader.varint();
    readField(draft, fieldKey, reader);
  }
  const { traceId, id, parentId } = draft;
  if (traceId === undefined || id === undefined) throw new DecodeError(missingIds(draft));
  return assembleSpan({ traceId, id, parentId }, draft);
}

function readField(draft: Draft, fieldKey: number, reader: ByteReader): void {
  switch (fieldKey) {
    case field.traceId:
      draft.traceId = readId(reader, normaliseTraceId);
      return;
    case field.parentId:
      draft.parentId = readId(reader, normaliseParentId);
      return;
    case field.id:
      draft.id = readId(reader, normaliseSpanId);
      return;
    case field.kind:
      draft.kind = kinds[reader.varint() - 1] ?? draft.kind; // 0 and unknown ones say nothing
      return;
    case field.name:
      draft.name = readText(reader);
      return;
    case field.timestamp:
      draft.timestamp = reader.fixed64();
      return;
    case field.duration:
      draft.duration = reader.varint();
      return;
    case field.localEndpoint:
      draft.localEndpoint = readEndpoint(readBytes(reader));
      return;
    case field.remoteEndpoint:
      draft.remoteEndpoint = readEndpoint(readBytes(reader));
      return;
    case field.annotation:
      readAnnotation(readBytes(reader), draft.annotations);
      return;
    case field.tag:
      readTag(readBytes(reader), draft.tags);
      return;
    case field.debug:
      draft.debug = readBoolean(reader) || draft.debug;
      return;
    case field.shared:
      draft.shared = readBoolean(reader) || draft.shared;
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
