import type { ConnectionPool, PoolOptions, UpstreamReceiver } from "../http/stream.ts";
import { Http2ClientConnection, type Http2ClientOwner } from "../http2/client-connection.ts";
import { Deadline, Deadlines } from "../listener/deadlines.ts";
import { openConnection } from "./connect.ts";

/** Nothing to cancel: the stream was there at once. */
const started = { cancel(): void {} };

/** One multiplexed HTTP/2 connection to an endpoint, replaced when it drains. */
export class Http2Pool implements ConnectionPool, Http2ClientOwner {
  readonly #options: PoolOptions;
  readonly #deadlines = new Deadlines();
  readonly #connections = new Map<Http2ClientConnection, Deadline>();
  #giveUp: (() => void) | undefined;
  #pending: UpstreamReceiver[] = [];
  #closing = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get activeConnections(): number {
    return this.#connections.size;
  }

  get pendingStreams(): number {
    return this.#pending.length;
  }

  newStream(receiver: UpstreamReceiver): { cancel(): void } {
    if (this.#closing) {
      receiver.onPoolFailure("remote connection failure", "pool closed");
      return started;
    }
    for (const connection of this.#connections.keys()) {
      if (!connection.acceptsStreams) continue;
      this.#start(connection, receiver);
      return started;
    }
    this.#pending.push(receiver);
    if (this.#giveUp === undefined) this.#connect();
    return {
      cancel: () => {
        const at = this.#pending.indexOf(receiver);
        if (at !== -1) this.#pending.splice(at, 1);
      },
    };
  }

  becameIdle(connection: Http2ClientConnection): void {
    if (this.#closing) connection.close();
    else {
      const deadline = this.#connections.get(connection);
      if (deadline !== undefined) this.#deadlines.arm(deadline, this.#options.idleTimeoutMs);
    }
  }

  closed(connection: Http2ClientConnection): void {
    const deadline = this.#connections.get(connection);
    if (deadline !== undefined) this.#deadlines.disarm(deadline);
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#giveUp?.();
    this.#failPending();
    for (const connection of [...this.#connections.keys()]) connection.drain();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          for (const connection of [...this.#connections.keys()]) connection.close();
        }, graceMs);
        this.#whenEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#deadlines.close();
  }

  #start(connection: Http2ClientConnection, receiver: UpstreamReceiver): void {
    const { maxRequestsPerConnection } = this.#options;
    const stream = connection.begin(receiver);
    if (
      maxRequestsPerConnection !== undefined &&
      maxRequestsPerConnection > 0 &&
      connection.requests >= maxRequestsPerConnection
    ) {
      connection.drain();
    }
    receiver.onPoolReady(stream);
  }

  #connect(): void {
    const { host, connectTimeoutMs } = this.#options;
    this.#giveUp = openConnection(host, connectTimeoutMs, this.#deadlines, {
      connected: (socket, info) => {
        this.#giveUp = undefined;
        const connection = new Http2ClientConnection(socket, info, this.#options, this);
        const deadline = new Deadline(() => {
          if (connection.isIdle) connection.close();
        });
        this.#connections.set(connection, deadline);
        const pending = this.#pending;
        this.#pending = [];
        for (const receiver of pending) this.newStream(receiver);
        if (connection.isIdle) this.becameIdle(connection);
      },
      failed: (reason, details) => {
        this.#giveUp = undefined;
        const pending = this.#pending;
        this.#pending = [];
        for (const receiver of pending) receiver.onPoolFailure(reason, details);
      },
    });
  }

  #failPending(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const receiver of pending) {
      receiver.onPoolFailure("remote connection failure", "pool closed");
    }
  }
}
