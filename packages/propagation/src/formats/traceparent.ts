import { isSpanId, isTraceId, padTraceId } from "../trace-context.ts";

// https://www.w3.org/TR/trace-context-2/#traceparent-header
export const TRACEPARENT = "traceparent";

/** What a `traceparent` header says. */
export interface Traceparent {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the caller's span. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** Level 2: the low 56 bits of the trace id are random. */
  readonly random: boolean;
}

const FIELDS = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 0x01;
const RANDOM = 0x02;

/**
 * Parses the `traceparent` of one request; undefined when malformed, absent or repeated, in which case
 * the trace starts anew.
 */
export function parseTraceparent(values: readonly string[]): Traceparent | undefined {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) return undefined;
  const fields = FIELDS.exec(value.replace(/^[ \t]+|[ \t]+$/g, ""));
  if (fields === null) return undefined;
  const [, version = "", traceId = "", spanId = "", flags = "", rest] = fields;
  // Only a later version may have more fields; ff is never a version.
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  const bits = Number.parseInt(flags, 16);
  return {
    traceId,
    spanId,
    sampled: (bits & SAMPLED) !== 0,
    random: (bits & RANDOM) !== 0,
  };
}

/** Writes version 00; a 64-bit trace id is padded, unknown flags are sent as 0. */
export function writeTraceparent({ traceId, spanId, sampled, random }: Traceparent): string {
  const flags = (sampled ? SAMPLED : 0) | (random ? RANDOM : 0);
  return `00-${padTraceId(traceId)}-${spanId}-0${flags}`;
}
