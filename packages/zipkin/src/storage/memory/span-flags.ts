/** Bits of a stored span's `flags`. The kind is in the lowest three, 0 for none: the order in model/span.ts, from 1. */
export const spanFlag = { hasParent: 8, shared: 16, error: 32 } as const;

export function hasParent(flags: number): boolean {
  return (flags & spanFlag.hasParent) !== 0;
}
