/** A list of v1 spans in the two forms that `POST /api/v1/spans` takes. */
import type { V1Annotation, V1BinaryAnnotation, V1Endpoint, V1Span } from "./span.ts";
import { ThriftWriter, thriftType } from "./thrift-writer.ts";

/** AnnotationType of zipkinCore.thrift. */
const annotationType = { bool: 0, string: 6 } as const;

/** A thrift list of Span structs (`application/x-thrift`), as py_zipkin and Scribe-era tracers send it. */
export function encodeV1Thrift(spans: readonly V1Span[]): Buffer {
  const writer = new ThriftWriter();
  writer.listHeader(thriftType.struct, spans.length);
  for (const span of spans) writeSpan(writer, span);
  return writer.finish();
}

export function encodeV1Json(spans: readonly V1Span[]): Buffer {
  return Buffer.from(JSON.stringify(spans));
}

function writeSpan(writer: ThriftWriter, span: V1Span): void {
  const high = span.traceId.length > 16 ? span.traceId.slice(0, -16) : undefined;
  i64Field(writer, 1, hex(span.traceId.slice(-16)));
  stringField(writer, 3, span.name);
  i64Field(writer, 4, hex(span.id));
  if (span.parentId !== undefined) i64Field(writer, 5, hex(span.parentId));
  writer.fieldHeader(thriftType.list, 6);
  writer.listHeader(thriftType.struct, span.annotations.length);
  for (const annotation of span.annotations) writeAnnotation(writer, annotation);
  writer.fieldHeader(thriftType.list, 8);
  writer.listHeader(thriftType.struct, span.binaryAnnotations.length);
  for (const annotation of span.binaryAnnotations) writeBinaryAnnotation(writer, annotation);
  i64Field(writer, 10, BigInt(span.timestamp));
  i64Field(writer, 11, BigInt(span.duration));
  if (high !== undefined) i64Field(writer, 12, hex(high));
  writer.stop();
}

function writeAnnotation(writer: ThriftWriter, annotation: V1Annotation): void {
  i64Field(writer, 1, BigInt(annotation.timestamp));
  stringField(writer, 2, annotation.value);
  writeEndpoint(writer, 3, annotation.endpoint);
  writer.stop();
}

function writeBinaryAnnotation(writer: ThriftWriter, annotation: V1BinaryAnnotation): void {
  const isAddress = annotation.value === true;
  stringField(writer, 1, annotation.key);
  stringField(writer, 2, annotation.value === true ? Uint8Array.of(1) : annotation.value);
  writer.fieldHeader(thriftType.i32, 3);
  writer.i32(isAddress ? annotationType.bool : annotationType.string);
  writeEndpoint(writer, 4, annotation.endpoint);
  writer.stop();
}

function writeEndpoint(writer: ThriftWriter, field: number, endpoint: V1Endpoint): void {
  writer.fieldHeader(thriftType.struct, field);
  writer.fieldHeader(thriftType.i32, 1);
  writer.i32(ipv4AsInt(endpoint.ipv4));
  writer.fieldHeader(thriftType.i16, 2);
  writer.i16(endpoint.port ?? 0);
  stringField(writer, 3, endpoint.serviceName);
  writer.stop();
}

function stringField(writer: ThriftWriter, id: number, value: string | Uint8Array): void {
  writer.fieldHeader(thriftType.string, id);
  writer.string(value);
}

function i64Field(writer: ThriftWriter, id: number, value: bigint): void {
  writer.fieldHeader(thriftType.i64, id);
  writer.i64(value);
}

function hex(digits: string): bigint {
  return BigInt(`0x${digits}`);
}

/** 0 is thrift's "no address". */
function ipv4AsInt(ipv4: string | undefined): number {
  if (ipv4 === undefined) return 0;
  return ipv4.split(".").reduce((value, byte) => (value << 8) | Number(byte), 0);
}
