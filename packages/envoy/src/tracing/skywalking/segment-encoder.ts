/** skywalking.v3.SegmentObject. https://github.com/apache/skywalking-data-collect-protocol/blob/master/language-agent/Tracing.proto */
import { ProtobufWriter } from "../protobuf-writer.ts";
import type { Segment } from "./segment.ts";
import type { SkyWalkingSpan } from "./skywalking-span.ts";
import type { Sw8 } from "./sw8.ts";

const exitType = 1;
const httpLayer = 3;
/** Envoy's number in SkyWalking's list of components. */
const envoyComponent = 9000;

export function createSegmentEncoder(): (segment: Segment) => Buffer {
  const writer = new ProtobufWriter();
  return (segment) => {
    writeString(writer, 1, segment.traceId);
    writeString(writer, 2, segment.id);
    for (const span of segment.spans) {
      const message = writer.begin(3);
      writeSpan(writer, span, segment.parent);
      writer.end(message);
    }
    writeString(writer, 4, segment.owner.service);
    writeString(writer, 5, segment.owner.instance);
    return writer.take();
  };
}

function writeSpan(writer: ProtobufWriter, span: SkyWalkingSpan, parent: Sw8 | undefined): void {
  if (span.id !== 0) writer.uint(1, span.id);
  if (span.parentId < 0) writer.minusOne(2);
  else if (span.parentId !== 0) writer.uint(2, span.parentId);
  writer.uint(3, toMillis(span.startTimeMicros));
  writer.uint(4, toMillis(span.endTimeMicros ?? span.startTimeMicros));
  // Only the first span was called by the other process.
  if (parent !== undefined && !span.isExit) writeReference(writer, parent);
  writeString(writer, 6, span.operation);
  writeString(writer, 7, span.peer);
  if (span.isExit) writer.uint(8, exitType);
  writer.uint(9, httpLayer);
  writer.uint(10, envoyComponent);
  if (span.isError) writer.uint(11, 1);
  const { tags, logs = [] } = span;
  for (let i = 0; i < tags.length; i += 2)
    writePair(writer, 12, tags[i] as string, tags[i + 1] as string);
  for (let i = 0; i < logs.length; i += 2) {
    const log = writer.begin(13);
    writer.uint(1, toMillis(logs[i] as number));
    writePair(writer, 2, "", logs[i + 1] as string);
    writer.end(log);
  }
  if (span.skipsAnalysis) writer.uint(14, 1);
}

function writeReference(writer: ProtobufWriter, parent: Sw8): void {
  const reference = writer.begin(5);
  writeString(writer, 2, parent.traceId);
  writeString(writer, 3, parent.segmentId);
  if (parent.spanId !== 0) writer.uint(4, parent.spanId);
  writeString(writer, 5, parent.service);
  writeString(writer, 6, parent.instance);
  writeString(writer, 7, parent.endpoint);
  writeString(writer, 8, parent.target);
  writer.end(reference);
}

function writePair(writer: ProtobufWriter, field: number, key: string, value: string): void {
  const pair = writer.begin(field);
  writeString(writer, 1, key);
  writeString(writer, 2, value);
  writer.end(pair);
}

/** proto3 leaves empty strings out. */
function writeString(writer: ProtobufWriter, field: number, value: string): void {
  if (value !== "") writer.string(field, value);
}

function toMillis(micros: number): number {
  return Math.floor(micros / 1000);
}
