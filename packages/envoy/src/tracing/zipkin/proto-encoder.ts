/**
 * zipkin.proto3 spans, each as the `spans` field of a ListOfSpans, so that a report is their concatenation. Ids are written in order;
 * real Envoy reverses the bytes of `id` and `parent_id` here, which breaks its traces (RATIONALE.md).
 * https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto
 */
import { isIPv6 } from "node:net";
import { ProtobufWriter } from "../protobuf-writer.ts";
import type { LocalEndpoint } from "./json-encoder.ts";
import type { ZipkinSpan } from "./zipkin-span.ts";

const kinds = { CLIENT: 1, SERVER: 2 } as const;

export type EncodeProto = (span: ZipkinSpan) => Buffer;

export function createProtoEncoder(endpoint: LocalEndpoint): EncodeProto {
  const local = encodeEndpoint(endpoint);
  const writer = new ProtobufWriter();
  return (span) => {
    const message = writer.begin(1);
    writeSpan(writer, span, local);
    writer.end(message);
    return writer.take();
  };
}

function writeSpan(writer: ProtobufWriter, span: ZipkinSpan, local: Buffer): void {
  const { context } = span;
  writer.hexBytes(1, context.traceId);
  if (context.parentId !== undefined) writer.hexBytes(2, context.parentId);
  writer.hexBytes(3, context.id);
  writer.uint(4, kinds[span.kind]);
  if (span.name !== "") writer.string(5, span.name);
  writer.fixed64(6, span.timestampMicros);
  writer.uint(7, span.durationMicros);
  writer.bytes(8, local);
  const annotations = span.annotations ?? [];
  for (let i = 0; i < annotations.length; i += 2) {
    const annotation = writer.begin(10);
    writer.fixed64(1, annotations[i] as number);
    writer.string(2, annotations[i + 1] as string);
    writer.end(annotation);
  }
  for (let i = 0; i < span.tags.length; i += 2) {
    const entry = writer.begin(11);
    writer.string(1, span.tags[i] as string);
    writer.string(2, span.tags[i + 1] as string);
    writer.end(entry);
  }
  if (span.shared) writer.uint(13, 1);
}

function encodeEndpoint({ serviceName, address }: LocalEndpoint): Buffer {
  const writer = new ProtobufWriter();
  if (serviceName !== "") writer.string(1, serviceName);
  if (isIPv6(address)) writer.bytes(3, ipv6Bytes(address));
  else writer.bytes(2, Buffer.from(address.split(".").map(Number)));
  return writer.take();
}

function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  const all = [...groups, ...new Array<string>(zeros).fill("0"), ...after];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
