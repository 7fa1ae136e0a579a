/** The time limits of one request on the downstream side. Each is a timer only where the file (or Envoy's default) sets it. */
import { type TimeLimit, type TimeLimitOwner, TimeLimits } from "../time/time-limits.ts";

export interface StreamTimerEvents {
  onIdle(): void;
  onRequestTimeout(): void;
  onMaxDuration(): void;
}

/** Every request has an idle limit, and most have the same. */
const idleLimits = new TimeLimits();

export class StreamTimers implements TimeLimitOwner {
  readonly #events: StreamTimerEvents;
  #idleMs = 0;
  #lastActivity = 0;
  #idle: TimeLimit | undefined;
  #request: NodeJS.Timeout | undefined;
  #duration: NodeJS.Timeout | undefined;

  constructor(events: StreamTimerEvents) {
    this.#events = events;
  }

  /** 0 switches it off. */
  setIdleTimeout(ms: number): void {
    if (ms === this.#idleMs) return;
    this.#idleMs = ms;
    this.#idle?.cancel();
    if (ms === 0) return;
    this.#lastActivity = performance.now();
    this.#idle = idleLimits.start(ms, this);
  }

  /** Something moved. The limit stays as it is and looks again when it is reached. */
  touch(): void {
    if (this.#idleMs !== 0) this.#lastActivity = performance.now();
  }

  startRequestTimeout(ms: number): void {
    if (ms > 0) this.#request = setTimeout(requestTimedOut, ms, this.#events);
  }

  requestArrived(): void {
    if (this.#request === undefined) return;
    clearTimeout(this.#request);
    this.#request = undefined;
  }

  startMaxDuration(ms: number): void {
    this.#duration = setTimeout(maxDurationReached, ms, this.#events);
  }

  stop(): void {
    this.#idle?.cancel();
    clearTimeout(this.#request);
    clearTimeout(this.#duration);
    this.#idleMs = 0;
  }

  onTimeLimit(): void {
    if (this.#idleMs === 0) return;
    const left = this.#idleMs - (performance.now() - this.#lastActivity);
    if (left < 1) this.#events.onIdle();
    else this.#idle = idleLimits.start(Math.ceil(left), this);
  }
}

function requestTimedOut(events: StreamTimerEvents): void {
  events.onRequestTimeout();
}

function maxDurationReached(events: StreamTimerEvents): void {
  events.onMaxDuration();
}
