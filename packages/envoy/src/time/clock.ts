const { timeOrigin } = performance;

/** Wall clock in microseconds since the epoch, monotonic between two readings of one process. */
export function nowMicros(): number {
  return Math.round((timeOrigin + performance.now()) * 1000);
}

const SECOND_MS = 1000;

/** The `date` header's value (RFC 9110 section 5.6.7), formatted once a second. */
export class DateHeader {
  #second = 0;
  #text = "";

  value(nowMs: number): string {
    const second = Math.floor(nowMs / SECOND_MS);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * SECOND_MS).toUTCString();
    }
    return this.#text;
  }
}
