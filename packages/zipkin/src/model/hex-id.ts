import { DecodeError } from "./decode-error.ts";

const ZEROS = "00000000000000000000000000000000";

/**
 * Trace ids: 1 to 32 digits, padded to 16 or 32; 32 digits with a zero upper half become 16, but only
 * when they were written as 32: of 17 to 31 the padded upper half stays, as in Zipkin.
 * Span ids and parent ids: 1 to 16 digits, padded to 16.
 */
export function normaliseTraceId(text: string): string {
  const length = text.length;
  if (length === 0) throw new DecodeError("traceId is empty");
  if (length > 32) throw new DecodeError("traceId.length > 32");
  const zeros = leadingZeros(text);
  if (zeros === length) throw new DecodeError("traceId is all zeros");
  if (length === 16) return text;
  if (length === 32) return zeros >= 16 ? text.slice(16) : text;
  return ZEROS.slice(0, (length < 16 ? 16 : 32) - length) + text;
}

/** Sixteen zeros are refused, fewer are accepted and padded: so does Zipkin 3.5.1. */
export function normaliseSpanId(text: string): string {
  const length = text.length;
  if (length === 0) throw new DecodeError("id is empty");
  if (length > 16) throw new DecodeError("id.length > 16");
  const zeros = leadingZeros(text);
  if (length < 16) return ZEROS.slice(0, 16 - length) + text;
  if (zeros === 16) throw new DecodeError("id is all zeros");
  return text;
}

/** An all-zero parent id means that there is none. */
export function normaliseParentId(text: string): string | undefined {
  const length = text.length;
  if (length === 0) throw new DecodeError("parentId is empty");
  if (length > 16) throw new DecodeError("parentId.length > 16");
  if (leadingZeros(text) === length) return undefined;
  return length === 16 ? text : ZEROS.slice(0, 16 - length) + text;
}

/** Checks that every digit is lower-case hex and counts the zeros in front. */
function leadingZeros(text: string): number {
  let zeros = 0;
  let leading = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 48 || code > 57) && (code < 97 || code > 102)) {
      throw new DecodeError(`${text} should be lower-hex encoded with no prefix`);
    }
    if (leading && code === 48) zeros++;
    else leading = false;
  }
  return zeros;
}
