import { parseSpan, type Span } from "./span.ts";

/**
 * Spans as they are stored and sent: the JSON that `JSON.stringify` makes of a `Span`, properties in
 * its order, no white space. Span `i` lies at `starts[i]` to `ends[i]` (exclusive) of `bytes`.
 * Valid until the next body is decoded.
 */
export interface EncodedSpans {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Lengths up to where an id begins: from the start of the span, and from the comma before the property. */
export const idAt: { readonly trace: number; readonly parent: number; readonly span: number } = {
  trace: '{"traceId":"'.length,
  parent: ',"parentId":"'.length,
  span: ',"id":"'.length,
};
const ID_LENGTH = 16;
const QUOTE = 0x22;
const LETTER_P = 0x70;

export function encodeSpans(spans: readonly Span[]): EncodedSpans {
  const texts = spans.map((span) => JSON.stringify(span));
  const bytes = Buffer.from(texts.join(""));
  const starts: number[] = [];
  const ends: number[] = [];
  const isAscii = texts.reduce((length, text) => length + text.length, 0) === bytes.length;
  let at = 0;
  for (const text of texts) {
    starts.push(at);
    at += isAscii ? text.length : Buffer.byteLength(text);
    ends.push(at);
  }
  return { bytes, starts, ends };
}

export function decodeSpan({ bytes, starts, ends }: EncodedSpans, i: number): Span {
  return parseSpan(bytes.subarray(starts[i], ends[i]));
}

/** Of the span that begins at `start`: 16 or 32 digits. */
export function readTraceId(bytes: Buffer, start: number): string {
  return bytes.toString("latin1", start + idAt.trace, traceIdEnd(bytes, start));
}

export function readSpanId(bytes: Buffer, start: number): string {
  const comma = traceIdEnd(bytes, start) + 1;
  const isChild = bytes[comma + 2] === LETTER_P;
  const id = comma + idAt.span + (isChild ? idAt.parent + ID_LENGTH + 1 : 0);
  return bytes.toString("latin1", id, id + ID_LENGTH);
}

/** Of a span that has one. */
export function readParentId(bytes: Buffer, start: number): string {
  const id = traceIdEnd(bytes, start) + 1 + idAt.parent;
  return bytes.toString("latin1", id, id + ID_LENGTH);
}

/** The trace ids of the spans, each once for neighbours that share it: reporters send traces together. */
export function traceIdsOf({ bytes, starts }: EncodedSpans): string[] {
  const ids: string[] = [];
  let before = -1;
  for (const start of starts) {
    if (before < 0 || !isSameTrace(bytes, before, start)) ids.push(readTraceId(bytes, start));
    before = start;
  }
  return ids;
}

function isSameTrace(bytes: Buffer, left: number, right: number): boolean {
  const end = traceIdEnd(bytes, left) - left;
  for (let i = idAt.trace; i <= end; i++) {
    if (bytes[left + i] !== bytes[right + i]) return false;
  }
  return true;
}

/** Where its closing quote is. */
function traceIdEnd(bytes: Buffer, start: number): number {
  const narrow = start + idAt.trace + ID_LENGTH;
  return bytes[narrow] === QUOTE ? narrow : narrow + ID_LENGTH;
}
