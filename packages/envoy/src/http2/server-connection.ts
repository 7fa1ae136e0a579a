import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type {
  ConnectionInfo,
  ServerCodecOptions,
  ServerConnectionCallbacks,
} from "../http/stream.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";
import { Http2DownstreamStream, type Http2StreamOwner } from "./downstream-stream.ts";
import { readRequestHeaders } from "./headers.ts";
import { localSettings } from "./settings.ts";

const maxStreamId = 2 ** 31 - 1;

/** The server side of one HTTP/2 connection. */
export class Http2ServerConnection implements Http2StreamOwner {
  readonly info: ConnectionInfo;
  readonly highWatermarkBytes: number;

  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  readonly #options: ServerCodecOptions;
  readonly #callbacks: ServerConnectionCallbacks;
  readonly #deadlines: Deadlines;
  readonly #deadline = new Deadline(() => this.#onDeadline());
  readonly #streams = new Set<Http2DownstreamStream>();
  #draining = false;

  /** `first` is what has been read of the connection already. */
  constructor(
    socket: Socket,
    first: Buffer,
    info: ConnectionInfo,
    options: ServerCodecOptions,
    callbacks: ServerConnectionCallbacks,
    deadlines: Deadlines,
  ) {
    this.#socket = socket;
    this.info = info;
    this.#options = options;
    this.#callbacks = callbacks;
    this.#deadlines = deadlines;
    this.highWatermarkBytes = options.writeBufferHighWatermarkBytes;
    socket.pause();
    socket.unshift(first);
    this.#session = performServerHandshake(socket, {
      settings: { ...localSettings, maxHeaderListSize: options.maxRequestHeadersBytes },
      // Pseudo headers count here but not in Envoy's limit.
      maxHeaderListPairs: options.maxRequestHeadersCount + 4,
    });
    // A broken session closes its socket; that is reported from there.
    this.#session.on("error", () => {});
    this.#session.on("stream", (stream, _headers, flags, raw) => this.#begin(stream, flags, raw));
    this.#session.on("close", () => socket.destroy());
    // The client sent its FIN. Envoy takes that for the end of both directions.
    socket.on("end", () => socket.destroy());
    this.#waitIdle();
  }

  /** Announces the end; the streams that are running, and those on their way, still get their answers. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    if (this.#session.destroyed) return;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, maxStreamId);
    this.#deadlines.arm(this.#deadline, this.#options.drainTimeoutMs);
  }

  socketClosed(): void {
    this.#deadlines.disarm(this.#deadline);
    this.#session.destroy();
    for (const stream of [...this.#streams]) stream.connectionClosed();
    this.#streams.clear();
  }

  streamEnded(stream: Http2DownstreamStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#waitIdle();
  }

  #begin(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    if (!this.#draining) this.#deadlines.disarm(this.#deadline);
    const headers = readRequestHeaders(raw);
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const downstream = new Http2DownstreamStream(
      this,
      stream,
      headers.get(":method") === "CONNECT",
    );
    this.#streams.add(downstream);
    downstream.attach(this.#callbacks.onRequest(downstream, headers, endStream), endStream);
  }

  #waitIdle(): void {
    const { idleTimeoutMs } = this.#options;
    if (!this.#draining && idleTimeoutMs !== undefined)
      this.#deadlines.arm(this.#deadline, idleTimeoutMs);
  }

  #onDeadline(): void {
    if (!this.#draining && this.#streams.size === 0) this.drain();
    // The second GOAWAY names the last stream; the session ends with it.
    else if (this.#draining && !this.#session.destroyed) this.#session.close();
    else if (!this.#socket.destroyed) this.#socket.destroy();
  }
}
