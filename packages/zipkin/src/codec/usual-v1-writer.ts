import type { KnownEndpoint } from "./endpoint-cache.ts";
import type { SpanWriter } from "./span-writer.ts";
import { hasParent, isZero, type Tag, type UsualSpan } from "./usual-v1-span.ts";

const text = {
  traceId: Buffer.from('{"traceId":"'),
  parentId: Buffer.from('","parentId":"'),
  id: Buffer.from('","id":"'),
  client: Buffer.from('","kind":"CLIENT"'),
  server: Buffer.from('","kind":"SERVER"'),
  name: Buffer.from(',"name":"'),
  endName: Buffer.from('"'),
  timestamp: Buffer.from(',"timestamp":'),
  duration: Buffer.from(',"duration":'),
  localEndpoint: Buffer.from(',"localEndpoint":'),
  remoteEndpoint: Buffer.from(',"remoteEndpoint":'),
  tags: Buffer.from(',"tags":{"'),
  value: Buffer.from('":"'),
  nextTag: Buffer.from('","'),
  endTags: Buffer.from('"}'),
  debug: Buffer.from(',"debug":true'),
  shared: Buffer.from(',"shared":true'),
  end: Buffer.from("}"),
} as const;

/** What Zipkin's conversion makes of it, as it is stored. */
export function writeUsualSpan(writer: SpanWriter, bytes: Buffer, span: UsualSpan): void {
  const [cs, cr, sr, ss] = span.times;
  const isClient = cs !== 0;
  const isTimed = span.timestamp > 0;
  writer.begin();
  writer.putAll(text.traceId);
  const high = span.traceIdHigh;
  if (high >= 0 && !isZero(bytes, high)) writer.putHex(bytes, high, high + 8);
  writer.putHex(bytes, span.traceId, span.traceId + 8);
  if (hasParent(span, bytes)) {
    writer.putAll(text.parentId);
    writer.putHex(bytes, span.parentId, span.parentId + 8);
  }
  writer.putAll(text.id);
  writer.putHex(bytes, span.id, span.id + 8);
  writer.putAll(isClient ? text.client : text.server);
  if (span.name !== undefined && span.name.end > span.name.start) {
    writer.putAll(text.name);
    writer.put(bytes, span.name.start, span.name.end);
    writer.putAll(text.endName);
  }
  writer.putAll(text.timestamp);
  writer.putNumber(isTimed ? span.timestamp : isClient ? cs : sr);
  writer.putAll(text.duration);
  writer.putNumber(isTimed ? span.duration : isClient ? cr - cs : ss - sr);
  writeEndpoint(writer, text.localEndpoint, span.host);
  writeEndpoint(writer, text.remoteEndpoint, span.server);
  writeTags(writer, bytes, span.tags);
  if (span.debug) writer.putAll(text.debug);
  // v1 has no shared flag: a server that does not own the times shares its client's span.
  if (!isClient && !isTimed) writer.putAll(text.shared);
  writer.putAll(text.end);
  writer.end();
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

function writeTags(writer: SpanWriter, bytes: Buffer, tags: readonly Tag[]): void {
  for (const [i, { key, value }] of tags.entries()) {
    writer.putAll(i === 0 ? text.tags : text.nextTag);
    writer.put(bytes, key.start, key.end);
    writer.putAll(text.value);
    writer.put(bytes, value.start, value.end);
  }
  if (tags.length > 0) writer.putAll(text.endTags);
}
