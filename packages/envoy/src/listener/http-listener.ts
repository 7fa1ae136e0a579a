import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type {
  ConnectionInfo,
  ServerCodecOptions,
  ServerConnectionCallbacks,
} from "../http/stream.ts";
import { Http1ServerConnection } from "../http1/server-connection.ts";
import { Http2ServerConnection } from "../http2/server-connection.ts";
import { nextConnectionId } from "./connection-id.ts";
import { Deadlines } from "./deadlines.ts";
import { detectProtocol } from "./detect-protocol.ts";

export interface HttpListenerOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly options: ServerCodecOptions;
  readonly callbacks: ServerConnectionCallbacks;
  readonly backlog?: number;
}

export interface HttpListener {
  readonly address: string;
  readonly port: number;
  readonly activeConnections: number;
  /** Accepts no more; running requests are answered with the close announced, idle connections end. */
  drain(): void;
  /** `drain`, then after `graceMs` at most, cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** What the listener asks of either codec's connection. */
interface ServerConnection {
  drain(): void;
  socketClosed(): void;
}

/** Accepts TCP connections and serves HTTP on them. Rejects when the address cannot be bound. */
export async function createHttpListener(config: HttpListenerOptions): Promise<HttpListener> {
  const listener = new TcpHttpListener(config.options, config.callbacks);
  await listener.listen(config);
  return listener;
}

class TcpHttpListener implements HttpListener {
  address = "";
  port = 0;
  readonly #options: ServerCodecOptions;
  readonly #callbacks: ServerConnectionCallbacks;
  readonly #server: Server;
  readonly #deadlines = new Deadlines();
  /** Undefined until the protocol of the connection is known. */
  readonly #connections = new Map<Socket, ServerConnection | undefined>();
  #whenEmpty: (() => void) | undefined;
  #draining = false;

  constructor(options: ServerCodecOptions, callbacks: ServerConnectionCallbacks) {
    this.#options = options;
    this.#callbacks = callbacks;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true });
    this.#server.on("connection", (socket) => this.#accept(socket));
    this.#server.on("drop", () => {});
  }

  get activeConnections(): number {
    return this.#connections.size;
  }

  listen({ address, port, backlog }: HttpListenerOptions): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address, port, ...(backlog === undefined ? {} : { backlog }) }, () => {
        server.off("error", reject);
        // A listening socket can still fail (too many open files); accepting goes on with the next connection.
        server.on("error", () => {});
        const bound = server.address() as AddressInfo;
        this.address = bound.address;
        this.port = bound.port;
        resolve();
      });
    });
  }

  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#server.close();
    for (const [socket, connection] of this.#connections) {
      if (connection === undefined) socket.destroy();
      else connection.drain();
    }
  }

  async close(graceMs: number): Promise<void> {
    this.drain();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          for (const socket of this.#connections.keys()) socket.destroy();
        }, graceMs);
        this.#whenEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#deadlines.close();
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    if (remoteAddress === undefined || localAddress === undefined || this.#draining) {
      socket.destroy();
      return;
    }
    const info: ConnectionInfo = {
      id: nextConnectionId(),
      remoteAddress: unmapped(remoteAddress),
      remotePort: remotePort ?? 0,
      localAddress: unmapped(localAddress),
      localPort: localPort ?? 0,
    };
    this.#connections.set(socket, undefined);
    // "close" follows and says all there is to do.
    socket.on("error", () => {});
    socket.on("close", () => this.#closed(socket, info));
    this.#callbacks.onConnectionOpened(info);
    if (this.#options.codecType === "HTTP1") this.#serveHttp1(socket, info);
    else {
      const idleMs = this.#options.idleTimeoutMs;
      detectProtocol(socket, this.#deadlines, idleMs, (protocol, first) => {
        if (protocol === "HTTP/2") this.#serveHttp2(socket, info, first);
        else if (this.#options.codecType === "HTTP2") socket.destroy();
        else this.#serveHttp1(socket, info).receive(first);
      });
    }
  }

  #serveHttp1(socket: Socket, info: ConnectionInfo): Http1ServerConnection {
    const connection = new Http1ServerConnection(
      socket,
      info,
      this.#options,
      this.#callbacks,
      this.#deadlines,
    );
    this.#connections.set(socket, connection);
    return connection;
  }

  #serveHttp2(socket: Socket, info: ConnectionInfo, first: Buffer): void {
    const connection = new Http2ServerConnection(
      socket,
      first,
      info,
      this.#options,
      this.#callbacks,
      this.#deadlines,
    );
    this.#connections.set(socket, connection);
  }

  #closed(socket: Socket, info: ConnectionInfo): void {
    const connection = this.#connections.get(socket);
    this.#connections.delete(socket);
    connection?.socketClosed();
    this.#callbacks.onConnectionClosed(info);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }
}

/** An IPv4 peer of a dual-stack socket shows as ::ffff:a.b.c.d; Envoy says a.b.c.d. */
function unmapped(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
