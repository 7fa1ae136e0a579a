/**
 * One timer for the deadlines of every connection: arming costs a number and, mostly, no more. Deadlines are rounded up to a thirty-second
 * of their length (10 ms to 1 s), late never early.
 */
export class Deadlines {
  readonly #now: () => number;
  readonly #buckets = new Map<number, Set<Deadline>>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** `deadline` expires in `ms` from now; an earlier setting is forgotten. */
  arm(deadline: Deadline, ms: number): void {
    const now = this.#now();
    const granule = Math.min(1000, Math.max(10, ms / 32));
    const at = Math.ceil((now + ms) / granule) * granule;
    deadline.at = at;
    if (deadline.bucket <= at) return;
    this.#leave(deadline);
    this.#enter(deadline, at, now);
  }

  disarm(deadline: Deadline): void {
    deadline.at = Number.POSITIVE_INFINITY;
    this.#leave(deadline);
  }

  /** Stops the timer and forgets everything. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#buckets.clear();
  }

  #enter(deadline: Deadline, at: number, now: number): void {
    deadline.bucket = at;
    const bucket = this.#buckets.get(at);
    if (bucket !== undefined) {
      bucket.add(deadline);
      return;
    }
    this.#buckets.set(at, new Set([deadline]));
    if (at < this.#timerAt) this.#schedule(at, now);
  }

  #leave(deadline: Deadline): void {
    const bucket = this.#buckets.get(deadline.bucket);
    deadline.bucket = Number.POSITIVE_INFINITY;
    if (bucket === undefined) return;
    bucket.delete(deadline);
  }

  #schedule(at: number, now: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, Math.ceil(at - now)));
    this.#timer.unref();
  }

  #fire(): void {
    const now = this.#now();
    this.#timerAt = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const [at, bucket] of this.#buckets) {
      if (at > now && bucket.size > 0) {
        next = Math.min(next, at);
        continue;
      }
      this.#buckets.delete(at);
      for (const deadline of bucket) this.#reached(deadline, now);
    }
    // Deadlines moved on while the buckets were walked have scheduled themselves.
    if (next < this.#timerAt) this.#schedule(next, now);
  }

  #reached(deadline: Deadline, now: number): void {
    deadline.bucket = Number.POSITIVE_INFINITY;
    if (deadline.at <= now) {
      deadline.at = Number.POSITIVE_INFINITY;
      deadline.onExpired();
    } else if (deadline.at !== Number.POSITIVE_INFINITY) {
      this.#enter(deadline, deadline.at, now);
    }
  }
}

export class Deadline {
  /** Milliseconds of the clock; infinite when not armed. */
  at: number = Number.POSITIVE_INFINITY;
  /** Where it stands in the buckets: at or before `at`. */
  bucket: number = Number.POSITIVE_INFINITY;
  readonly onExpired: () => void;

  constructor(onExpired: () => void) {
    this.onExpired = onExpired;
  }
}
