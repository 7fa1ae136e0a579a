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

/** Of 1 to 32 hex digits the right 16, padded. */
export function lowHalf(text: string): string {
  if (!/^[0-9a-f]{1,32}$/.test(text)) {
    throw new DecodeError(
      `${text.slice(0, 100)} should be a 1 to 32 character lower-hex string with no prefix`,
    );
  }
  return text.slice(-16).padStart(16, "0");
}

export function wholeTraceId(text: string): string {
  const low = lowHalf(text);
  const high = text.slice(0, -16).padStart(16, "0");
  return high === NO_ID ? low : high + low;
}

/** Both ids are required; zero is none. */
export function requireIds(traceId: string | undefined, id: string | undefined): void {
  if (traceId === undefined || /^0+$/.test(traceId)) throw new DecodeError("traceId == 0");
  if (id === undefined || id === NO_ID) throw new DecodeError("id == 0");
}
