import type { ConnectionPool, PoolOptions, UpstreamReceiver } from "../http/stream.ts";
import { type ClientConnectionOwner, Http1ClientConnection } from "../http1/client-connection.ts";
import { Deadline, Deadlines } from "../listener/deadlines.ts";
import { openConnection } from "./connect.ts";

interface Pending {
  readonly receiver: UpstreamReceiver;
}

/** Nothing to cancel: the stream was there at once. */
const started = { cancel(): void {} };

/** Keep-alive HTTP/1 connections to one endpoint; the one used last is used next. */
export class Http1Pool implements ConnectionPool, ClientConnectionOwner {
  readonly #options: PoolOptions;
  readonly #deadlines = new Deadlines();
  readonly #connections = new Map<Http1ClientConnection, Deadline>();
  readonly #idle: Http1ClientConnection[] = [];
  readonly #connecting = new Set<() => void>();
  #pending: Pending[] = [];
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
    const connection = this.#idle.pop();
    if (connection !== undefined) {
      this.#start(connection, receiver);
      return started;
    }
    const pending: Pending = { receiver };
    this.#pending.push(pending);
    if (this.#connecting.size < this.#pending.length) this.#connect();
    return { cancel: () => this.#cancel(pending) };
  }

  becameIdle(connection: Http1ClientConnection): void {
    const { maxRequestsPerConnection, idleTimeoutMs } = this.#options;
    if (
      this.#closing ||
      (maxRequestsPerConnection !== undefined &&
        maxRequestsPerConnection > 0 &&
        connection.requests >= maxRequestsPerConnection)
    ) {
      connection.close();
      return;
    }
    const next = this.#pending.shift();
    if (next !== undefined) {
      this.#start(connection, next.receiver);
      return;
    }
    this.#idle.push(connection);
    const deadline = this.#connections.get(connection);
    if (deadline !== undefined) this.#deadlines.arm(deadline, idleTimeoutMs);
  }

  closed(connection: Http1ClientConnection): void {
    const deadline = this.#connections.get(connection);
    if (deadline !== undefined) this.#deadlines.disarm(deadline);
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#failPending("pool closed");
    for (const giveUp of this.#connecting) giveUp();
    this.#connecting.clear();
    for (const connection of [...this.#idle]) connection.close();
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

  #start(connection: Http1ClientConnection, receiver: UpstreamReceiver): void {
    receiver.onPoolReady(connection.begin(receiver));
  }

  #connect(): void {
    const { host, connectTimeoutMs } = this.#options;
    const giveUp = openConnection(host, connectTimeoutMs, this.#deadlines, {
      connected: (socket, info) => {
        this.#connecting.delete(giveUp);
        const connection = new Http1ClientConnection(socket, info, this.#options, this);
        // The idle deadline of a connection that has been taken meanwhile finds it busy.
        const deadline = new Deadline(() => {
          if (this.#idle.includes(connection)) connection.close();
        });
        this.#connections.set(connection, deadline);
        this.becameIdle(connection);
      },
      failed: (reason, details) => {
        this.#connecting.delete(giveUp);
        // An endpoint that cannot be reached fails everybody who waits for it.
        const pending = this.#pending;
        this.#pending = [];
        for (const { receiver } of pending) receiver.onPoolFailure(reason, details);
      },
    });
    this.#connecting.add(giveUp);
  }

  #cancel(pending: Pending): void {
    const at = this.#pending.indexOf(pending);
    if (at !== -1) this.#pending.splice(at, 1);
  }

  #failPending(details: string): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { receiver } of pending)
      receiver.onPoolFailure("remote connection failure", details);
  }
}
