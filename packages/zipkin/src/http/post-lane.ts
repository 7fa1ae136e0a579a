import { type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ServerContext } from "./context.ts";
import type { Failure } from "./failure.ts";
import { PostConnection } from "./post-connection.ts";

/** Milliseconds between looks at connections on which nothing happens. */
const SWEEP_MS = 1000;

type ConnectionListener = (this: Server, socket: Socket) => void;

/**
 * The short way for what nearly every request to a store is: a reporter posts spans over a connection that
 * it keeps. `node:http` would take half of the time that a span or two cost, so such requests are read
 * here. A connection on which anything else arrives is handed over to `node:http`, for good and with its
 * bytes untouched, before anything was done about them.
 */
export class PostLane {
  readonly context: ServerContext;
  private readonly server: Server;
  private readonly connections = new Set<PostConnection>();
  private readonly serveHttp: readonly ConnectionListener[];
  private readonly sweep: NodeJS.Timeout;
  private second = -1;
  /** What stands behind the date; and the date of that second with it. */
  private readonly kept: string;
  private common = "";

  /** Takes the place of the server's own way to begin connections. */
  constructor(context: ServerContext, server: Server) {
    this.context = context;
    this.server = server;
    const seconds = Math.floor(server.keepAliveTimeout / 1000);
    this.kept = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\nContent-Length: `;
    this.serveHttp = server.listeners("connection") as ConnectionListener[];
    server.removeAllListeners("connection");
    server.on("connection", (socket) => this.connections.add(new PostConnection(this, socket)));
    this.sweep = setInterval(() => this.closeStale(), SWEEP_MS);
    this.sweep.unref();
  }

  leave(connection: PostConnection): void {
    this.connections.delete(connection);
  }

  handOver(connection: PostConnection, socket: Socket): void {
    this.leave(connection);
    for (const serve of this.serveHttp) serve.call(this.server, socket);
  }

  /** No further requests; those that are half received may still finish. */
  close(): void {
    clearInterval(this.sweep);
    for (const connection of this.connections) connection.finish();
  }

  closeAll(): void {
    for (const connection of this.connections) connection.destroy();
  }

  /** As `node:http` writes it. */
  answer(failure: Failure | undefined): string {
    const millis = this.context.wallClock();
    const second = Math.floor(millis / 1000);
    if (second !== this.second) {
      this.second = second;
      this.common = `Date: ${new Date(millis).toUTCString()}\r\n${this.kept}`;
    }
    if (failure === undefined) return `HTTP/1.1 202 Accepted\r\n${this.common}0\r\n\r\n`;
    const { status, text } = failure;
    const line = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;
    const own = "content-type: text/*\r\nx-content-type-options: nosniff";
    return `${line}\r\n${own}\r\n${this.common}${Buffer.byteLength(text)}\r\n\r\n${text}`;
  }

  private closeStale(): void {
    const { keepAliveTimeout, headersTimeout, requestTimeout } = this.server;
    const limits = { fresh: headersTimeout, idle: keepAliveTimeout, busy: requestTimeout };
    const now = performance.now();
    for (const connection of this.connections) {
      if (now - connection.since > limits[connection.state]) connection.destroy();
    }
  }
}
