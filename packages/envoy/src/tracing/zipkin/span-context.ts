/** What a caller's headers say about the trace. Ids are lower-case hex. */
export interface SpanContext {
  /** 16 digits, or 32 when the high half is not zero. */
  readonly traceId: string;
  readonly id: string;
  /** Absent on a root, and where the caller sent zero. */
  readonly parentId: string | undefined;
}

export const zeroId = "0000000000000000";

/** A high half of zero is dropped, so a padded 64-bit id becomes 64-bit again. */
export function joinTraceId(high: string, low: string): string {
  return high === zeroId ? low : high + low;
}
