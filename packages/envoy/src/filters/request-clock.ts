/** What begins once the whole request is there: the route's time limit, and the time that the service takes. */
import type { TimeLimit, TimeLimitOwner, TimeLimits } from "../time/time-limits.ts";

export class RequestClock {
  readonly #limits: TimeLimits;
  #startedAt: number | undefined;
  #limit: TimeLimit | undefined;

  constructor(limits: TimeLimits) {
    this.#limits = limits;
  }

  /** `owner` is told when `limitMs` are over; 0: no limit. */
  start(limitMs: number, owner: TimeLimitOwner): void {
    this.#startedAt = performance.now();
    if (limitMs > 0) this.#limit = this.#limits.start(limitMs, owner);
  }

  /** Milliseconds; undefined: the request is still arriving. */
  get elapsedMs(): number | undefined {
    return this.#startedAt === undefined ? undefined : performance.now() - this.#startedAt;
  }

  get hasStarted(): boolean {
    return this.#startedAt !== undefined;
  }

  liftLimit(): void {
    this.#limit?.cancel();
  }
}
