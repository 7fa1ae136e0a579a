import type { KnownEndpoint } from "./endpoint-cache.ts";
import type { SpanWriter } from "./span-writer.ts";
import { hasParent, type UsualSpan } from "./usual-span.ts";

const text = {
  traceId: Buffer.from('{"traceId":"'),
  parentId: Buffer.from('","parentId":"'),
  id: Buffer.from('","id":"'),
  name: Buffer.from(',"name":"'),
  endName: Buffer.from('"'),
  timestamp: Buffer.from(',"timestamp":'),
  duration: Buffer.from(',"duration":'),
  localEndpoint: Buffer.from(',"localEndpoint":'),
  remoteEndpoint: Buffer.from(',"remoteEndpoint":'),
  debug: Buffer.from(',"debug":true'),
  shared: Buffer.from(',"shared":true'),
  end: Buffer.from("}"),
} as const;

/** What ends the id: its quote and the kind, if there is one. */
const kinds: readonly Buffer[] = [
  Buffer.from('"'),
  Buffer.from('","kind":"CLIENT"'),
  Buffer.from('","kind":"SERVER"'),
  Buffer.from('","kind":"PRODUCER"'),
  Buffer.from('","kind":"CONSUMER"'),
];
const CLIENT = 1;

/** As it is stored. False, and nothing is written, when something in it is not plain text. */
export function writeUsualSpan(writer: SpanWriter, bytes: Buffer, span: UsualSpan): boolean {
  writer.begin();
  writeIds(writer, bytes, span);
  if (!writeName(writer, bytes, span)) return writer.drop();
  writeTimes(writer, span);
  writeEndpoint(writer, text.localEndpoint, span.localEndpoint);
  writeEndpoint(writer, text.remoteEndpoint, span.remoteEndpoint);
  if (!span.annotations.write(writer, bytes)) return writer.drop();
  if (!span.tags.write(writer, bytes)) return writer.drop();
  if (span.debug) writer.putAll(text.debug);
  // A client never shares: it is the side whose id is shared.
  if (span.shared && span.kind !== CLIENT) writer.putAll(text.shared);
  writer.putAll(text.end);
  writer.end();
  return true;
}

function writeIds(writer: SpanWriter, bytes: Buffer, span: UsualSpan): void {
  const { traceIdHigh, traceId, parentId, id } = span;
  writer.putAll(text.traceId);
  if (traceIdHigh >= 0) writer.putHex(bytes, traceIdHigh, traceIdHigh + 8);
  writer.putHex(bytes, traceId, traceId + 8);
  if (hasParent(span, bytes)) {
    writer.putAll(text.parentId);
    writer.putHex(bytes, parentId, parentId + 8);
  }
  writer.putAll(text.id);
  writer.putHex(bytes, id, id + 8);
}

function writeName(writer: SpanWriter, bytes: Buffer, span: UsualSpan): boolean {
  writer.putAll(kinds[span.kind] ?? text.endName);
  if (span.nameEnd === span.name) return true;
  writer.putAll(text.name);
  if (!writer.putLowerCase(bytes, span.name, span.nameEnd)) return false;
  writer.putAll(text.endName);
  return true;
}

function writeTimes(writer: SpanWriter, { timestamp, duration }: UsualSpan): void {
  if (timestamp > 0) {
    writer.putAll(text.timestamp);
    writer.putNumber(timestamp);
  }
  if (duration > 0) {
    writer.putAll(text.duration);
    writer.putNumber(duration);
  }
}

function writeEndpoint(
  writer: SpanWriter,
  head: Buffer,
  endpoint: KnownEndpoint | undefined,
): void {
  if (endpoint?.encoded === undefined) return;
  writer.putAll(head);
  writer.putAll(endpoint.encoded);
}
