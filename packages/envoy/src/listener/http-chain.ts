/** A filter chain whose filter is the connection manager: HTTP/1 or HTTP/2, by ALPN, by the first bytes, or as the file says. */
import type { Socket } from "node:net";
import type {
  ConnectionInfo,
  Protocol,
  ServerCodecOptions,
  ServerConnectionCallbacks,
} from "../http/stream.ts";
import { Http1ServerConnection } from "../http1/server-connection.ts";
import { Http2ServerConnection } from "../http2/server-connection.ts";
import type { ServerTls } from "../tls/server-tls.ts";
import type { Deadlines } from "./deadlines.ts";
import { detectProtocol } from "./detect-protocol.ts";
import type { ServedChain, ServedConnection } from "./served-chain.ts";

export interface HttpChainOptions {
  readonly name: string;
  readonly tls: ServerTls | undefined;
  readonly handshakeTimeoutMs: number;
  readonly codec: ServerCodecOptions;
  readonly callbacks: ServerConnectionCallbacks;
}

const noBytes = Buffer.alloc(0);

export class HttpChain implements ServedChain {
  readonly name: string;
  readonly tls: ServerTls | undefined;
  readonly handshakeTimeoutMs: number;
  readonly #codec: ServerCodecOptions;
  readonly #callbacks: ServerConnectionCallbacks;

  constructor(options: HttpChainOptions) {
    this.name = options.name;
    this.tls = options.tls;
    this.handshakeTimeoutMs = options.handshakeTimeoutMs;
    this.#codec = options.codec;
    this.#callbacks = options.callbacks;
  }

  onConnectionOpened(info: ConnectionInfo): void {
    this.#callbacks.onConnectionOpened(info);
  }

  onConnectionClosed(info: ConnectionInfo): void {
    this.#callbacks.onConnectionClosed(info);
  }

  serve(
    socket: Socket,
    info: ConnectionInfo,
    first: Buffer | undefined,
    deadlines: Deadlines,
  ): ServedConnection {
    const { codecType, idleTimeoutMs } = this.#codec;
    // Whoever read the first bytes stopped there; it flows once this call is over.
    if (socket.isPaused()) socket.resume();
    const http1 = (): Http1ServerConnection =>
      new Http1ServerConnection(socket, info, this.#codec, this.#callbacks, deadlines);
    const http2 = (read: Buffer): Http2ServerConnection =>
      new Http2ServerConnection(socket, read, info, this.#codec, this.#callbacks, deadlines);
    if (codecType === "HTTP1") return received(http1(), first);
    const alpn = info.tls?.applicationProtocol ?? "";
    if (codecType === "AUTO" && alpn !== "")
      return alpn === "h2" ? http2(first ?? noBytes) : received(http1(), first);
    const connection = new UndecidedConnection(socket);
    detectProtocol(socket, deadlines, idleTimeoutMs, first, (protocol, read) => {
      if (protocol === "HTTP/2") connection.decided = http2(read);
      else if (codecType === "HTTP2") socket.destroy();
      else {
        const decided = http1();
        connection.decided = decided;
        decided.receive(read);
      }
    });
    return connection;
  }

  protocolOf(served: ServedConnection): Protocol | undefined {
    const connection = served instanceof UndecidedConnection ? served.decided : served;
    if (connection instanceof Http2ServerConnection) return "HTTP/2";
    return connection instanceof Http1ServerConnection ? "HTTP/1.1" : undefined;
  }
}

function received(
  connection: Http1ServerConnection,
  first: Buffer | undefined,
): Http1ServerConnection {
  if (first !== undefined && first.length > 0) connection.receive(first);
  return connection;
}

/** Until the first bytes say which protocol it is. */
class UndecidedConnection implements ServedConnection {
  decided: ServedConnection | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  drain(): void {
    if (this.decided === undefined) this.#socket.destroy();
    else this.decided.drain();
  }

  socketClosed(): void {
    this.decided?.socketClosed();
  }
}
