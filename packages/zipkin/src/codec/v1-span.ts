import { DecodeError } from "../model/decode-error.ts";
import type { Endpoint } from "../model/span.ts";

/** Zipkin's first model: one span holds both sides of a call, told apart by annotations. */
export interface V1Span {
  /** 16 or 32 hex digits. */
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string | undefined;
  /** Microseconds; 0 when absent. */
  readonly timestamp: number;
  readonly duration: number;
  readonly annotations: readonly V1Annotation[];
  readonly binaryAnnotations: readonly V1BinaryAnnotation[];
  readonly debug: boolean;
}

export interface V1Annotation {
  readonly timestamp: number;
  readonly value: string;
  readonly endpoint: Endpoint | undefined;
}

export interface V1BinaryAnnotation {
  readonly key: string;
  /** Absent on an address ("sa", "ca", "ma" with the value true). */
  readonly value: string | undefined;
  readonly endpoint: Endpoint | undefined;
}

const NO_ID = "0000000000000000";

/** Of 1 to 32 digits the right 16, padded. What stands to the left of them is not looked at. */
export function lowHalf(text: string): string {
  const low = text.slice(-16);
  if (text.length > 32 || !/^[0-9a-f]+$/.test(low)) throw notHex(text);
  return low.padStart(16, "0");
}

/** The left half of 32 digits; shorter ids have none, as in the real server. */
export function highHalf(text: string): string | undefined {
  if (text.length !== 32) return undefined;
  const high = text.slice(0, 16);
  if (!/^[0-9a-f]+$/.test(high)) throw notHex(text);
  return high;
}

function notHex(text: string): DecodeError {
  return new DecodeError(`${text} should be a 1 to 32 character lower-hex string with no prefix`);
}

/** Both ids are required; zero is none. Of a trace id the right half is what counts. */
export function requireIds(traceId: string, id: string): void {
  if (traceId === NO_ID) throw new DecodeError("traceId == 0");
  if (id === NO_ID) throw new DecodeError("id == 0");
}
