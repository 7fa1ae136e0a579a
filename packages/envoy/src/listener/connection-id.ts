let last = 0;

/** Numbers every connection of the process, in and out, from 1. */
export function nextConnectionId(): number {
  last += 1;
  return last;
}
