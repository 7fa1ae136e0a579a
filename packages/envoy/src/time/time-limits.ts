/**
 * Many time limits of few different lengths, as requests have them: limits of one length expire in the order in which they began, so that
 * one timer a length is enough, and beginning and ending one is the matter of a few assignments. As exact as the runtime's own timers.
 */
export interface TimeLimitOwner {
  onTimeLimit(): void;
}

/** Node's timers may fire a fraction of a millisecond before the clock has got there. */
const earlyMs = 1;

export class TimeLimits {
  readonly #now: () => number;
  readonly #lanes = new Map<number, Lane>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** `owner` is told in `ms` milliseconds, unless the limit is cancelled before. */
  start(ms: number, owner: TimeLimitOwner): TimeLimit {
    let lane = this.#lanes.get(ms);
    if (lane === undefined) {
      lane = new Lane(ms, this.#now, () => this.#lanes.delete(ms));
      this.#lanes.set(ms, lane);
    }
    return lane.add(owner);
  }
}

/** A link in its lane's chain. */
export class TimeLimit {
  readonly owner: TimeLimitOwner | undefined;
  readonly expiresAt: number;
  previous: TimeLimit;
  next: TimeLimit;

  constructor(owner: TimeLimitOwner | undefined, expiresAt: number) {
    this.owner = owner;
    this.expiresAt = expiresAt;
    this.previous = this;
    this.next = this;
  }

  /** Cancelling twice, or too late, does nothing. */
  cancel(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }
}

/** The limits of one length, the oldest first. */
class Lane {
  readonly #ms: number;
  readonly #now: () => number;
  readonly #onEmpty: () => void;
  /** Before the first and after the last. */
  readonly #ends = new TimeLimit(undefined, 0);

  constructor(ms: number, now: () => number, onEmpty: () => void) {
    this.#ms = ms;
    this.#now = now;
    this.#onEmpty = onEmpty;
    this.#wait(ms);
  }

  add(owner: TimeLimitOwner): TimeLimit {
    const ends = this.#ends;
    const limit = new TimeLimit(owner, this.#now() + this.#ms);
    limit.previous = ends.previous;
    limit.next = ends;
    ends.previous.next = limit;
    ends.previous = limit;
    return limit;
  }

  #wait(ms: number): void {
    setTimeout(expire, ms, this).unref();
  }

  expire(): void {
    const ends = this.#ends;
    const now = this.#now();
    for (;;) {
      const first = ends.next;
      if (first === ends) {
        this.#onEmpty();
        return;
      }
      if (first.expiresAt - earlyMs > now) {
        this.#wait(Math.ceil(first.expiresAt - now));
        return;
      }
      first.cancel();
      first.owner?.onTimeLimit();
    }
  }
}

function expire(lane: Lane): void {
  lane.expire();
}
