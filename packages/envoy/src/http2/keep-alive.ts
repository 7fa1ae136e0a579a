/** connection_keepalive: pings by which a connection that leads nowhere is found out. */
import type { Http2Session } from "node:http2";

export interface KeepAliveOptions {
  /** Between the answer to one ping and the next; undefined: none at regular times. */
  readonly intervalMs: number | undefined;
  /** A ping must be answered within this. */
  readonly timeoutMs: number;
  /** Percent of the interval by which it may be longer, at random. */
  readonly jitterPercent: number;
  /** A request after a pause of this length is preceded by a ping. */
  readonly idleIntervalMs: number | undefined;
}

export class KeepAlive {
  readonly #session: Http2Session;
  readonly #options: KeepAliveOptions;
  readonly #onDead: () => void;
  #next: NodeJS.Timeout | undefined;
  #answer: NodeJS.Timeout | undefined;
  #lastUse = performance.now();

  constructor(session: Http2Session, options: KeepAliveOptions, onDead: () => void) {
    this.#session = session;
    this.#options = options;
    this.#onDead = onDead;
    this.#schedule();
  }

  /** A request begins. */
  used(): void {
    const { idleIntervalMs } = this.#options;
    if (idleIntervalMs === undefined) return;
    const now = performance.now();
    if (now - this.#lastUse > idleIntervalMs) this.#ping();
    this.#lastUse = now;
  }

  stop(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#answer);
  }

  #schedule(): void {
    const { intervalMs, jitterPercent } = this.#options;
    if (intervalMs === undefined) return;
    const wait = intervalMs * (1 + (Math.random() * jitterPercent) / 100);
    this.#next = setTimeout(() => this.#ping(), wait).unref();
  }

  #ping(): void {
    if (this.#answer !== undefined || this.#session.destroyed) return;
    clearTimeout(this.#next);
    this.#answer = setTimeout(this.#onDead, this.#options.timeoutMs).unref();
    this.#session.ping((error) => {
      clearTimeout(this.#answer);
      this.#answer = undefined;
      if (error === null) this.#schedule();
    });
  }
}
