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

/** Bytes of `{"traceId":"`, with which every encoded span begins. */
const TRACE_ID_AT = 12;
const QUOTE = 0x22;

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

/** 16 or 32 digits. */
export function traceIdOf({ bytes, starts }: EncodedSpans, i: number): string {
  const at = (starts[i] ?? 0) + TRACE_ID_AT;
  return bytes.toString("latin1", at, at + (bytes[at + 16] === QUOTE ? 16 : 32));
}

/** The right 16 digits of the trace id. */
export function lowTraceIdOf({ bytes, starts }: EncodedSpans, i: number): string {
  const at = (starts[i] ?? 0) + TRACE_ID_AT;
  const low = bytes[at + 16] === QUOTE ? at : at + 16;
  return bytes.toString("latin1", low, low + 16);
}
