export interface ClockSources {
  /** Wall clock, whole milliseconds since the epoch. */
  readonly wallMs: () => number;
  /** A clock that never jumps, in milliseconds with fractions. */
  readonly monotonicMs: () => number;
}

const system: ClockSources = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * Epoch milliseconds with microseconds behind the point. Node's wall clock has whole milliseconds only,
 * so a child could seem to start before its parent in a proxy that counts microseconds. The monotonic
 * clock gives the fraction; each reading of the wall clock holds it to the right millisecond, also after
 * the machine slept or its time was set.
 */
export function createClock({ wallMs, monotonicMs }: ClockSources = system): () => number {
  let offset = wallMs() - monotonicMs();
  return () => {
    const wall = wallMs();
    const now = monotonicMs() + offset;
    const held = Math.min(Math.max(now, wall), wall + 0.999);
    offset += held - now;
    return held;
  };
}

export const now: () => number = createClock();
