/**
 * The time limits of one request on the downstream side, and what the client is told when one is reached. Each is a timer only where the
 * file (or Envoy's default) sets it.
 */
import { type TimeLimit, type TimeLimitOwner, TimeLimits } from "../time/time-limits.ts";
import type { ActiveStream } from "./active-stream.ts";
import type { ManagerStats } from "./manager-stats.ts";
import { durationReply, idleReply, requestTimeoutReply } from "./timeout-replies.ts";

/** Every request has an idle limit, and most have the same. */
const idleLimits = new TimeLimits();

export class StreamTimers implements TimeLimitOwner {
  readonly #stream: ActiveStream;
  readonly #stats: ManagerStats;
  #idleMs = 0;
  #lastActivity = 0;
  #idle: TimeLimit | undefined;
  #request: NodeJS.Timeout | undefined;
  #duration: NodeJS.Timeout | undefined;

  constructor(stream: ActiveStream, stats: ManagerStats) {
    this.#stream = stream;
    this.#stats = stats;
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
    if (ms > 0) this.#request = setTimeout(requestTimedOut, ms, this);
  }

  requestArrived(): void {
    if (this.#request === undefined) return;
    clearTimeout(this.#request);
    this.#request = undefined;
  }

  startMaxDuration(ms: number): void {
    this.#duration = setTimeout(maxDurationReached, ms, this);
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
    if (left < 1) this.#onIdle();
    else this.#idle = idleLimits.start(Math.ceil(left), this);
  }

  #onIdle(): void {
    const stream = this.#stream;
    this.#stats.idleTimeout.inc();
    stream.info.flags.add("SI");
    stream.sendLocalReply(idleReply(stream.requestComplete));
  }

  onRequestTimeout(): void {
    this.#stats.requestTimeout.inc();
    this.#stream.sendLocalReply(requestTimeoutReply);
  }

  onMaxDuration(): void {
    this.#stats.maxDurationReached.inc();
    this.#stream.sendLocalReply(durationReply(this.#stream.requestComplete));
  }
}

function requestTimedOut(timers: StreamTimers): void {
  timers.onRequestTimeout();
}

function maxDurationReached(timers: StreamTimers): void {
  timers.onMaxDuration();
}
