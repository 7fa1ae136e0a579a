import { lowTraceId, type Span } from "../model/span.ts";

const LONG_MAX = 2n ** 63n - 1n;
const LONG_MIN = -(2n ** 63n);

/** Keeps or drops whole traces, by the low 64 bits of their id; debug spans are always kept. */
export type Sampler = (span: Span) => boolean;

/** The rule of Zipkin's CollectorSampler, so that several collectors agree on what to drop. */
export function createSampler(rate: number): Sampler {
  if (rate >= 1) return () => true;
  const boundary = BigInt(Math.floor(Number(LONG_MAX) * rate));
  return (span) => {
    if (span.debug === true) return true;
    if (rate === 0) return false;
    const id = BigInt.asIntN(64, BigInt(`0x${lowTraceId(span.traceId)}`));
    const distance = id === LONG_MIN ? LONG_MAX : id < 0n ? -id : id;
    return distance <= boundary;
  };
}
