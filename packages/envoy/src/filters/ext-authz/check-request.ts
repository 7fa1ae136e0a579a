/** envoy.service.auth.v3.CheckRequest. https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/auth/v3/attribute_context.proto */

import { headerText } from "../../tracing/header-text.ts";
import { ProtobufWriter } from "../../tracing/protobuf-writer.ts";
import type { FilterStream } from "../filter.ts";
import type { Question } from "./authorization.ts";

export interface CheckRequestOptions {
  /** Of the destination: the node's. */
  readonly labels: Readonly<Record<string, string>>;
  /** Header values as bytes. */
  readonly encodeRawHeaders: boolean;
  /** The body as bytes. */
  readonly packAsBytes: boolean;
  /** Integers below 2^32. */
  readonly random: () => number;
}

export function encodeCheckRequest(
  stream: FilterStream,
  question: Question,
  options: CheckRequestOptions,
): Buffer {
  const writer = new ProtobufWriter();
  const { connection } = stream.info;
  const attributes = writer.begin(1);
  const source = writer.begin(1);
  writeAddress(writer, connection.remoteAddress, connection.remotePort);
  const service = stream.headers.get("x-envoy-downstream-service-cluster") ?? "";
  if (service !== "") writer.string(2, headerText(service));
  writer.end(source);
  const destination = writer.begin(2);
  writeAddress(writer, connection.localAddress, connection.localPort);
  writeMap(writer, 3, Object.entries(options.labels));
  writer.end(destination);
  writeRequest(writer, stream, question, options);
  writeMap(writer, 10, Object.entries(question.contextExtensions));
  // Metadata of other filters and of the route: always there, never with anything in it.
  writer.end(writer.begin(11));
  writer.end(writer.begin(13));
  writer.end(attributes);
  return writer.take();
}

function writeAddress(writer: ProtobufWriter, address: string, port: number): void {
  const outer = writer.begin(1);
  const socketAddress = writer.begin(1);
  writer.string(2, address);
  writer.uint(3, port);
  writer.end(socketAddress);
  writer.end(outer);
}

function writeRequest(
  writer: ProtobufWriter,
  { info, headers }: FilterStream,
  { headers: told, body }: Question,
  { encodeRawHeaders, packAsBytes, random }: CheckRequestOptions,
): void {
  const text = (field: number, value: string | undefined): void => {
    if (value !== undefined && value !== "") writer.string(field, headerText(value));
  };
  const request = writer.begin(4);
  const time = writer.begin(1);
  writer.uint(1, Math.floor(info.startTimeMicros / 1_000_000));
  writer.uint(2, (info.startTimeMicros % 1_000_000) * 1000);
  writer.end(time);
  const http = writer.begin(2);
  // Envoy's number of the stream: 64 random bits.
  writer.string(1, String((BigInt(random()) << 32n) | BigInt(random())));
  text(2, headers.get(":method"));
  if (!encodeRawHeaders) writeMap(writer, 3, told);
  text(4, headers.get(":path"));
  text(5, headers.get(":authority"));
  text(6, headers.get(":scheme") ?? headers.get("x-forwarded-proto") ?? "http");
  if (info.bytesReceived > 0) writer.uint(9, info.bytesReceived);
  text(10, info.protocol);
  if (body !== undefined && body.length > 0) {
    if (packAsBytes) writer.bytes(12, body);
    else writer.string(11, headerText(body.toString("latin1")));
  }
  if (encodeRawHeaders) writeHeaderMap(writer, told);
  writer.end(http);
  writer.end(request);
}

function writeMap(
  writer: ProtobufWriter,
  field: number,
  entries: Iterable<readonly [key: string, value: string]>,
): void {
  for (const [key, value] of entries) {
    const entry = writer.begin(field);
    writer.string(1, key);
    writer.string(2, headerText(value));
    writer.end(entry);
  }
}

function writeHeaderMap(
  writer: ProtobufWriter,
  lines: Iterable<readonly [name: string, value: string]>,
): void {
  const map = writer.begin(13);
  for (const [name, value] of lines) {
    const line = writer.begin(1);
    writer.string(1, name);
    writer.bytes(3, Buffer.from(value, "latin1"));
    writer.end(line);
  }
  writer.end(map);
}
