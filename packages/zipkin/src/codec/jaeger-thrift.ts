import { createSpan, putTag } from "../model/create-span.ts";
import { createEndpoint, normaliseEndpoint } from "../model/endpoint.ts";
import type { Annotation, Endpoint, Kind, Span } from "../model/span.ts";
import { ByteReader } from "./byte-reader.ts";
import { readListOf, readString, readStruct, thrift } from "./thrift.ts";

/** A Batch of https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/jaeger.thrift */
export function decodeJaegerThrift(body: Buffer): Span[] {
  const reader = new ByteReader(body);
  let process: Process = { serviceName: undefined, tags: new Map() };
  const spans: JaegerSpan[] = [];
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.struct) process = readProcess(reader);
    else if (field === 2 && type === thrift.list) {
      readListOf(reader, thrift.struct, () => spans.push(readSpan(reader)));
    } else return false;
    return true;
  });
  const localEndpoint = endpointOf(process);
  return spans.map((span) => toZipkin(span, process, localEndpoint));
}

type Tags = Map<string, string>;

interface Process {
  serviceName: string | undefined;
  readonly tags: Tags;
}

interface JaegerSpan {
  traceIdLow: string;
  traceIdHigh: string;
  spanId: string;
  parentSpanId: string;
  /** Of the first reference of the kind "child of". */
  referencedSpanId: string;
  name: string;
  flags: number;
  /** Microseconds. */
  timestamp: number;
  duration: number;
  readonly tags: Tags;
  readonly logs: Annotation[];
}

const NO_ID = "0000000000000000";
const DEBUG_FLAG = 2;

function toZipkin(span: JaegerSpan, process: Process, localEndpoint: Endpoint | undefined): Span {
  const { tags } = span;
  const parent = span.parentSpanId === NO_ID ? span.referencedSpanId : span.parentSpanId;
  return createSpan({
    traceId: span.traceIdHigh === NO_ID ? span.traceIdLow : span.traceIdHigh + span.traceIdLow,
    id: span.spanId,
    parentId: parent === NO_ID ? undefined : parent,
    kind: zipkinKinds[tags.get("span.kind") ?? ""],
    name: span.name,
    timestamp: span.timestamp,
    duration: span.duration === 0 ? 1 : span.duration, // 0 would mean unknown in Zipkin
    localEndpoint,
    remoteEndpoint: remoteEndpointOf(tags),
    annotations: span.logs,
    tags: zipkinTags(tags, process),
    debug: (span.flags & DEBUG_FLAG) !== 0,
  });
}

const zipkinKinds: Readonly<Record<string, Kind>> = {
  client: "CLIENT",
  server: "SERVER",
  producer: "PRODUCER",
  consumer: "CONSUMER",
};

/** Tags that are fields in Zipkin. */
const consumed: ReadonlySet<string> = new Set([
  "span.kind",
  "peer.service",
  "peer.ipv4",
  "peer.ipv6",
  "peer.port",
]);

function zipkinTags(tags: Tags, process: Process): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, value] of process.tags) if (key !== "ip") putTag(result, key, value);
  for (const [key, value] of tags) {
    // In Zipkin the tag's presence means failure.
    const isNoError = key === "error" && value === "false";
    if (key !== "" && !consumed.has(key) && !isNoError) putTag(result, key, value);
  }
  return result;
}

function endpointOf({ serviceName, tags }: Process): Endpoint | undefined {
  return normaliseEndpoint({ serviceName, ipv4: tags.get("ip") });
}

function remoteEndpointOf(tags: Tags): Endpoint | undefined {
  const port = Number(tags.get("peer.port") ?? 0);
  const ipv4 = tags.get("peer.ipv4");
  // Jaeger's clients send the address as a number as often as in dots.
  const isNumber = ipv4 !== undefined && /^-?\d+$/.test(ipv4);
  const address = normaliseEndpoint({
    ipv4: isNumber ? dotted(Number(ipv4)) : ipv4,
    ipv6: tags.get("peer.ipv6"),
  });
  return createEndpoint(
    tags.get("peer.service"),
    address?.ipv4,
    address?.ipv6,
    Number.isInteger(port) && port <= 65535 ? port : undefined,
  );
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

function readProcess(reader: ByteReader): Process {
  const process: Process = { serviceName: undefined, tags: new Map() };
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.string) process.serviceName = readString(reader);
    else if (field === 2 && type === thrift.list) readTags(reader, process.tags);
    else return false;
    return true;
  });
  return process;
}

function readSpan(reader: ByteReader): JaegerSpan {
  const span: JaegerSpan = {
    traceIdLow: NO_ID,
    traceIdHigh: NO_ID,
    spanId: NO_ID,
    parentSpanId: NO_ID,
    referencedSpanId: NO_ID,
    name: "",
    flags: 0,
    timestamp: 0,
    duration: 0,
    tags: new Map(),
    logs: [],
  };
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.i64) span.traceIdLow = reader.hex(8);
    else if (field === 2 && type === thrift.i64) span.traceIdHigh = reader.hex(8);
    else if (field === 3 && type === thrift.i64) span.spanId = reader.hex(8);
    else if (field === 4 && type === thrift.i64) span.parentSpanId = reader.hex(8);
    else if (field === 5 && type === thrift.string) span.name = readString(reader);
    else if (field === 6 && type === thrift.list) {
      readListOf(reader, thrift.struct, () => readReference(reader, span));
    } else if (field === 7 && type === thrift.i32) span.flags = reader.int32();
    else if (field === 8 && type === thrift.i64) span.timestamp = reader.int64();
    else if (field === 9 && type === thrift.i64) span.duration = reader.int64();
    else if (field === 10 && type === thrift.list) readTags(reader, span.tags);
    else if (field === 11 && type === thrift.list) {
      readListOf(reader, thrift.struct, () => readLog(reader, span.logs));
    } else return false;
    return true;
  });
  return span;
}

const CHILD_OF = 0;

function readReference(reader: ByteReader, span: JaegerSpan): void {
  let kind = -1;
  let traceIdLow = NO_ID;
  let spanId = NO_ID;
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.i32) kind = reader.int32();
    else if (field === 2 && type === thrift.i64) traceIdLow = reader.hex(8);
    else if (field === 4 && type === thrift.i64) spanId = reader.hex(8);
    else return false;
    return true;
  });
  const isParent = kind === CHILD_OF && traceIdLow === span.traceIdLow;
  if (isParent && span.referencedSpanId === NO_ID) span.referencedSpanId = spanId;
}

function readTags(reader: ByteReader, tags: Tags): void {
  readListOf(reader, thrift.struct, () => {
    let key = "";
    let value = "";
    readStruct(reader, (field, type) => {
      if (field === 1 && type === thrift.string) key = readString(reader);
      else if (field === 3 && type === thrift.string) value = readString(reader);
      else if (field === 4 && type === thrift.double) value = String(reader.float64());
      else if (field === 5 && type === thrift.bool) value = String(reader.byte() !== 0);
      else if (field === 6 && type === thrift.i64) {
        value = String(reader.bytes.readBigInt64BE(reader.take(8)));
      } else if (field === 7 && type === thrift.string) {
        const bytes = reader.part(reader.int32());
        value = bytes.bytes.toString("base64", bytes.at, bytes.end);
      } else return false;
      return true;
    });
    tags.set(key, value);
  });
}

/** A log that only says what happened is an annotation as it is; with more to say it becomes JSON. */
function readLog(reader: ByteReader, logs: Annotation[]): void {
  let timestamp = 0;
  const fields: Tags = new Map();
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.i64) timestamp = reader.int64();
    else if (field === 2 && type === thrift.list) readTags(reader, fields);
    else return false;
    return true;
  });
  const event = fields.get("event");
  const value =
    event !== undefined && fields.size === 1 ? event : JSON.stringify(Object.fromEntries(fields));
  logs.push({ timestamp, value });
}
