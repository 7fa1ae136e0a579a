import type { KnownEndpoint } from "./endpoint-cache.ts";

/** Bytes from `start` to `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Tag {
  readonly key: Range;
  readonly value: Range;
}

/** A v1 span as one service saw one call, in offsets of the body; -1 for an id that is not there. */
export interface UsualSpan {
  traceIdHigh: number;
  traceId: number;
  id: number;
  parentId: number;
  name: Range | undefined;
  /** Microseconds; 0 when absent. */
  timestamp: number;
  duration: number;
  debug: boolean;
  /** Of `cs`, `cr`, `sr` and `ss`. */
  readonly times: [number, number, number, number];
  host: KnownEndpoint | undefined;
  server: KnownEndpoint | undefined;
  readonly tags: Tag[];
}

/** Whether all that `writeUsualSpan` needs is there, and no rule of the v1 model says anything else. */
export function isUsual(span: UsualSpan, bytes: Buffer): boolean {
  const { traceId, id, times, timestamp, duration, host, server, tags } = span;
  if (traceId < 0 || id < 0 || isZero(bytes, traceId) || isZero(bytes, id)) return false;
  const [cs, cr, sr, ss] = times;
  const isClient = cs > 0 && cr > cs && sr === 0 && ss === 0;
  const isServer = sr > 0 && ss > sr && cs === 0 && cr === 0 && server === undefined;
  const isTimed = timestamp > 0 && duration > 0;
  const isUntimed = timestamp === 0 && duration === 0;
  return (
    (isClient || isServer) && (isTimed || isUntimed) && host !== undefined && sort(tags, bytes)
  );
}

/** By key. False when one is there twice, or looks like a number: JavaScript's objects have their own order for those. */
function sort(tags: Tag[], bytes: Buffer): boolean {
  for (const { key } of tags) {
    const first = bytes[key.start] ?? 0;
    if (first >= 0x30 && first <= 0x39) return false;
  }
  if (tags.length < 2) return true;
  tags.sort((a, b) => compare(bytes, a.key, b.key));
  return tags.every((tag, i) => {
    const before = tags[i - 1];
    return before === undefined || compare(bytes, before.key, tag.key) !== 0;
  });
}

function compare(bytes: Buffer, left: Range, right: Range): number {
  return bytes.compare(bytes, right.start, right.end, left.start, left.end);
}

/** No id, zero, or its own: no parent. */
export function hasParent({ parentId, id }: UsualSpan, bytes: Buffer): boolean {
  if (parentId < 0 || isZero(bytes, parentId)) return false;
  return bytes.compare(bytes, id, id + 8, parentId, parentId + 8) !== 0;
}

/** Of the eight bytes of an id. */
export function isZero(bytes: Buffer, start: number): boolean {
  for (let i = start; i < start + 8; i++) if (bytes[i] !== 0) return false;
  return true;
}
