/** What a connection waits for between its requests, and how long. Only one wait is on at a time, so that one deadline does for all. */
import type { Socket } from "node:net";
import type { ServerCodecOptions } from "../http/stream.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";
import type { HeadTimeout } from "./refusal.ts";

type Waiting = "idle" | "head" | "drain" | "close";

export interface TimedConnection {
  /** No request for too long. */
  onIdle(): void;
  /** A head has begun and does not end. */
  onHeadLate(limit: HeadTimeout): void;
  /** The time between the announcement of the end and the end is over. */
  onDrained(): void;
}

/** The least time that a client gets to read what was written last. */
const leastCloseMs = 10;

export class ConnectionTiming {
  readonly #socket: Socket;
  readonly #options: ServerCodecOptions;
  readonly #deadlines: Deadlines;
  readonly #owner: TimedConnection;
  readonly #deadline = new Deadline(() => this.#onDeadline());
  #waiting: Waiting = "idle";
  #headLimit: HeadTimeout = "request_header_timeout";
  #flushedBytes = 0;

  constructor(
    socket: Socket,
    options: ServerCodecOptions,
    deadlines: Deadlines,
    owner: TimedConnection,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#deadlines = deadlines;
    this.#owner = owner;
  }

  get isDraining(): boolean {
    return this.#waiting === "drain";
  }

  /** For the next request. */
  idle(): void {
    if (this.#options.idleTimeoutMs !== undefined) this.#wait("idle", this.#options.idleTimeoutMs);
    else if (this.#waiting !== "idle") this.stop();
  }

  /** For the rest of a head: the first of the limits that apply to it. */
  head(): void {
    if (this.#waiting === "head") return;
    const { requestHeadersTimeoutMs, requestTimeoutMs, streamIdleTimeoutMs } = this.#options;
    let first = Number.POSITIVE_INFINITY;
    const consider = (ms: number | undefined, limit: HeadTimeout): void => {
      if (ms === undefined || ms === 0 || ms >= first) return;
      first = ms;
      this.#headLimit = limit;
    };
    consider(requestHeadersTimeoutMs, "request_header_timeout");
    consider(requestTimeoutMs, "request_overall_timeout");
    consider(streamIdleTimeoutMs, "stream_idle_timeout");
    if (first !== Number.POSITIVE_INFINITY) this.#wait("head", first);
  }

  /** A request is there, which has limits of its own. */
  requestBegan(): void {
    if (this.#deadline.at === Number.POSITIVE_INFINITY || this.#waiting === "drain") return;
    this.#waiting = "idle";
    this.stop();
  }

  /** For the end, which has been announced. */
  drain(): void {
    this.#wait("drain", this.#options.drainTimeoutMs);
  }

  /** For the client to read what was written, or to close. */
  close(): void {
    this.#noteFlushed();
    // TLS hands on what was written a little later: that is no progress of the client's.
    if (this.#socket.writableLength > 0) setImmediate(() => this.#noteFlushed());
    this.#wait("close", Math.max(leastCloseMs, this.#options.delayedCloseTimeoutMs));
  }

  stop(): void {
    this.#deadlines.disarm(this.#deadline);
  }

  #wait(what: Waiting, ms: number): void {
    if (this.#waiting === "drain" && what !== "close") return;
    this.#waiting = what;
    this.#deadlines.arm(this.#deadline, ms);
  }

  #noteFlushed(): void {
    this.#flushedBytes = this.#flushed;
  }

  get #flushed(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  #onDeadline(): void {
    switch (this.#waiting) {
      case "idle":
        this.#owner.onIdle();
        return;
      case "head":
        this.#owner.onHeadLate(this.#headLimit);
        return;
      case "drain":
        this.#waiting = "idle";
        this.#owner.onDrained();
        return;
      case "close":
        // Slow reading is no reason to cut.
        if (this.#flushed !== this.#flushedBytes) this.close();
        else this.#socket.destroy();
    }
  }
}
