/** OTLP in protobuf. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
import { ProtobufWriter } from "../protobuf-writer.ts";
import type { OtelSpan } from "./otel-span.ts";

export interface Scope {
  readonly name: string;
  readonly version: string;
}

const kinds = { SERVER: 2, CLIENT: 3 } as const;

/** Span.flags: sampled, and that it is known whether the parent is remote; then that it is. */
const localFlags = 0x101;
const remoteFlags = 0x301;

/** A span as a `spans` field of ScopeSpans. */
export function createSpanEncoder(): (span: OtelSpan) => Buffer {
  const writer = new ProtobufWriter();
  return (span) => {
    const message = writer.begin(2);
    writeSpan(writer, span);
    writer.end(message);
    return writer.take();
  };
}

/** An ExportTraceServiceRequest around encoded spans. */
export function createRequestEncoder(
  resource: Readonly<Record<string, string>>,
  scope: Scope,
): (spans: readonly Buffer[]) => Buffer {
  const resourceField = encodeResource(resource);
  const scopeField = encodeScope(scope);
  return (spans) => {
    const scopeSpans = field(2, [scopeField, ...spans]);
    return Buffer.concat(field(1, [resourceField, ...scopeSpans]));
  };
}

function writeSpan(writer: ProtobufWriter, span: OtelSpan): void {
  const { start, attributes, events = [] } = span;
  writer.hexBytes(1, start.traceId);
  writer.hexBytes(2, start.id);
  if (start.tracestate !== "") writer.string(3, start.tracestate);
  if (start.parentId !== undefined) writer.hexBytes(4, start.parentId);
  if (span.name !== "") writer.string(5, span.name);
  writer.uint(6, kinds[start.kind]);
  writer.fixed64(7, start.startTimeMicros, 1000);
  writer.fixed64(8, span.endTimeMicros, 1000);
  for (let i = 0; i < attributes.length; i += 2)
    writeKeyValue(writer, 9, attributes[i] as string, attributes[i + 1] as string);
  for (let i = 0; i < events.length; i += 2) {
    const event = writer.begin(11);
    writer.fixed64(1, events[i] as number, 1000);
    writer.string(2, events[i + 1] as string);
    writer.end(event);
  }
  if (span.status !== undefined) {
    const status = writer.begin(15);
    if (span.status !== 0) writer.uint(3, span.status);
    writer.end(status);
  }
  writer.fixed32(16, start.remoteParent ? remoteFlags : localFlags);
}

function writeKeyValue(
  writer: ProtobufWriter,
  fieldNumber: number,
  key: string,
  value: string,
): void {
  const attribute = writer.begin(fieldNumber);
  writer.string(1, key);
  const any = writer.begin(2);
  writer.string(1, value);
  writer.end(any);
  writer.end(attribute);
}

function encodeResource(attributes: Readonly<Record<string, string>>): Buffer {
  const writer = new ProtobufWriter();
  const resource = writer.begin(1);
  for (const [key, value] of Object.entries(attributes)) writeKeyValue(writer, 1, key, value);
  writer.end(resource);
  return writer.take();
}

function encodeScope({ name, version }: Scope): Buffer {
  const writer = new ProtobufWriter();
  const scope = writer.begin(1);
  writer.string(1, name);
  writer.string(2, version);
  writer.end(scope);
  return writer.take();
}

/** A nested message out of encoded fields, still in pieces. */
function field(number: number, pieces: readonly Buffer[]): Buffer[] {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const head: number[] = [number * 8 + 2];
  for (; size > 0x7f; size = Math.floor(size / 128)) head.push((size % 128) | 0x80);
  head.push(size);
  return [Buffer.from(head), ...pieces];
}
