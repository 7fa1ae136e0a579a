/** The W3C traceparent header, read as Envoy reads it. https://www.w3.org/TR/trace-context/#traceparent-header */

export interface Traceparent {
  /** Lower-case hex, 32 and 16 digits. */
  readonly traceId: string;
  readonly parentId: string;
  readonly sampled: boolean;
}

// Envoy takes any version, `ff` included, and upper-case digits.
const grammar = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]([0-9a-f])$/i;
const allZeros = /^0+$/;

export function parseTraceparent(value: string): Traceparent | undefined {
  if (value.length !== 55) return undefined;
  const match = grammar.exec(value);
  if (match === null) return undefined;
  const [, traceId, parentId, flags] = match as unknown as [string, string, string, string];
  if (allZeros.test(traceId) || allZeros.test(parentId)) return undefined;
  return {
    traceId: traceId.toLowerCase(),
    parentId: parentId.toLowerCase(),
    sampled: (Number.parseInt(flags, 16) & 1) === 1,
  };
}

/** A 64-bit trace id is padded with zeros on the left. */
export function writeTraceparent(traceId: string, spanId: string, sampled: boolean): string {
  const id = traceId.length === 32 ? traceId : traceId.padStart(32, "0");
  return `00-${id}-${spanId}-${sampled ? "01" : "00"}`;
}
