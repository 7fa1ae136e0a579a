import { createEndpoint } from "../model/endpoint.ts";
import type { IpAddress } from "../model/ip-address.ts";
import type { Endpoint } from "../model/span.ts";
import { ByteReader } from "./byte-reader.ts";
import { readIp } from "./proto3.ts";
import { readListOf, readString, readStruct, thrift } from "./thrift.ts";
import { requireIds, type V1Annotation, type V1BinaryAnnotation, type V1Span } from "./v1-span.ts";

/** The JSON of an endpoint as it is stored; undefined when there is nothing to store. */
export function encodeThriftEndpoint(raw: Buffer): string | undefined {
  return JSON.stringify(readEndpoint(new ByteReader(raw)));
}

const ZERO = "0000000000000000";

/**
 * One v1 span in Thrift's binary protocol.
 * https://github.com/openzipkin/zipkin-api/blob/master/thrift/zipkinCore.thrift
 */
export function readThriftSpan(reader: ByteReader): V1Span {
  let traceIdHigh = ZERO;
  let traceId = ZERO;
  let id = ZERO;
  let parentId: string | undefined;
  let name: string | undefined;
  let timestamp = 0;
  let duration = 0;
  let debug = false;
  const annotations: V1Annotation[] = [];
  const binaryAnnotations: V1BinaryAnnotation[] = [];
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.i64) traceId = reader.hex(8);
    else if (field === 3 && type === thrift.string) name = readString(reader);
    else if (field === 4 && type === thrift.i64) id = reader.hex(8);
    else if (field === 5 && type === thrift.i64) parentId = reader.hex(8);
    else if (field === 6 && type === thrift.list) {
      readListOf(reader, thrift.struct, () => readAnnotation(reader, annotations));
    } else if (field === 8 && type === thrift.list) {
      readListOf(reader, thrift.struct, () => readBinaryAnnotation(reader, binaryAnnotations));
    } else if (field === 9 && type === thrift.bool) debug = reader.byte() === 1;
    else if (field === 10 && type === thrift.i64) timestamp = reader.int64();
    else if (field === 11 && type === thrift.i64) duration = reader.int64();
    else if (field === 12 && type === thrift.i64) traceIdHigh = reader.hex(8);
    else return false;
    return true;
  });
  requireIds(traceId, id);
  return {
    traceId: traceIdHigh === ZERO ? traceId : traceIdHigh + traceId,
    id,
    parentId,
    name,
    timestamp,
    duration,
    annotations,
    binaryAnnotations,
    debug,
  };
}

/** Without a time or a text it says nothing. */
function readAnnotation(reader: ByteReader, annotations: V1Annotation[]): void {
  let timestamp = 0;
  let value: string | undefined;
  let endpoint: Endpoint | undefined;
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.i64) timestamp = reader.int64();
    else if (field === 2 && type === thrift.string) value = readString(reader);
    else if (field === 3 && type === thrift.struct) endpoint = readEndpoint(reader);
    else return false;
    return true;
  });
  if (timestamp !== 0 && value !== undefined) annotations.push({ timestamp, value, endpoint });
}

/** Thrift's AnnotationType: these two are the only ones that v2 has a place for. */
const BOOL = 0;
const STRING = 6;

function readBinaryAnnotation(reader: ByteReader, annotations: V1BinaryAnnotation[]): void {
  let key: string | undefined;
  let value: string | undefined;
  let valueType = -1;
  let endpoint: Endpoint | undefined;
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.string) key = readString(reader);
    else if (field === 2 && type === thrift.string) value = readString(reader);
    else if (field === 3 && type === thrift.i32) valueType = reader.int32();
    else if (field === 4 && type === thrift.struct) endpoint = readEndpoint(reader);
    else return false;
    return true;
  });
  if (key === undefined || value === undefined) return;
  if (valueType === STRING) annotations.push({ key, value, endpoint });
  else if (valueType === BOOL && value === "\u0001" && endpoint !== undefined) {
    if (key === "sa" || key === "ca" || key === "ma") {
      annotations.push({ key, value: undefined, endpoint });
    }
  }
}

function readEndpoint(reader: ByteReader): Endpoint | undefined {
  let serviceName: string | undefined;
  let ipv4: string | undefined;
  let ipv6: string | undefined;
  let port = 0;
  const take = (address: IpAddress | undefined): void => {
    if (address?.family === 6) ipv6 = address.text;
    else if (address !== undefined) ipv4 = address.text;
  };
  readStruct(reader, (field, type) => {
    if (field === 1 && type === thrift.i32) {
      const address = readIp(reader.part(4));
      if (address?.text !== "0.0.0.0") take(address); // none was known
    } else if (field === 2 && type === thrift.i16) port = reader.int16() & 0xffff;
    else if (field === 3 && type === thrift.string) serviceName = readString(reader);
    else if (field === 4 && type === thrift.string) take(readIp(reader.part(reader.int32())));
    else return false;
    return true;
  });
  return createEndpoint(serviceName, ipv4, ipv6, port);
}
