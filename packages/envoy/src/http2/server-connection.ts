import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  ServerCodecOptions,
  ServerConnectionCallbacks,
} from "../http/stream.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";
import { Http2DownstreamStream, type Http2StreamOwner } from "./downstream-stream.ts";
import { isWithin, readRequestHeaders } from "./headers.ts";
import { KeepAlive } from "./keep-alive.ts";
import { outliveGoAway } from "./outlive-goaway.ts";
import { PrematureResets } from "./premature-resets.ts";
import { codeOfReason } from "./reset-reasons.ts";
import { asSent, localSettings, mostHeaderPairs, widenWindow } from "./settings.ts";

const maxStreamId = 2 ** 31 - 1;
const continueHeaders = new HeaderMap([":status", "100"]);

function expectsContinue(headers: HeaderMap): boolean {
  return headers.get("expect")?.toLowerCase() === "100-continue";
}

/** Envoy's words for a client that breaks the protocol: its codec, too, is nghttp2. */
const codecError = "codec_error:The_user_callback_function_failed";

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
  readonly #closeSession: () => void;
  readonly #keepAlive: KeepAlive | undefined;
  readonly #resets = new PrematureResets();
  #draining = false;
  #broken: string | undefined;
  /** The client closed the connection. */
  #isGone = false;

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
      settings: localSettings(options.http2),
      maxHeaderListPairs: mostHeaderPairs,
      ...asSent,
    });
    this.#closeSession = outliveGoAway(this.#session).close;
    widenWindow(this.#session, options.http2);
    const keepAlive = options.http2?.keepAlive;
    if (keepAlive !== undefined)
      this.#keepAlive = new KeepAlive(this.#session, keepAlive, () => socket.destroy());
    // A broken session closes its socket; that is reported from there.
    this.#session.on("error", (error) => this.noteError(error));
    this.#session.on("stream", (stream, _headers, flags, raw) => this.#begin(stream, flags, raw));
    this.#session.on("close", () => socket.destroy());
    // The client sent its FIN. Envoy takes that for the end of both directions.
    socket.on("end", () => {
      this.#isGone = true;
      socket.destroy();
    });
    socket.on("error", () => {
      this.#isGone = true;
    });
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
    this.#keepAlive?.stop();
    this.#session.destroy();
    for (const stream of [...this.#streams]) stream.connectionClosed();
    this.#streams.clear();
  }

  get violation(): string | undefined {
    // The library ends a session without a word for some violations; a client that goes closes the socket first.
    return this.#broken ?? (this.#session.destroyed && !this.#isGone ? codecError : undefined);
  }

  /** The HTTP/2 library tells its streams first what it does not understand. */
  noteError(error: NodeJS.ErrnoException): void {
    if (error.code === "ERR_HTTP2_ERROR" || error.code === "ERR_HTTP2_SESSION_ERROR")
      this.#broken = codecError;
  }

  flushing(deadline: Deadline): void {
    const { streamIdleTimeoutMs = 0 } = this.#options;
    if (streamIdleTimeoutMs > 0) this.#deadlines.arm(deadline, streamIdleTimeoutMs);
  }

  flushed(deadline: Deadline): void {
    this.#deadlines.disarm(deadline);
  }

  streamEnded(stream: Http2DownstreamStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#waitIdle();
    if (this.#resets.isAttack(stream.isReset, stream.startedAt)) this.#socket.destroy();
  }

  #begin(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    if (!this.#draining) this.#deadlines.disarm(this.#deadline);
    if (this.#refuses(stream, raw)) return;
    this.#keepAlive?.used();
    const headers = readRequestHeaders(raw);
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const downstream = new Http2DownstreamStream(this, stream, headers.get(":method") ?? "");
    this.#streams.add(downstream);
    if (!this.#options.proxy100Continue && expectsContinue(headers)) {
      headers.remove("expect");
      this.#callbacks.onContinueSent?.();
      downstream.encodeInformational(continueHeaders);
    }
    downstream.attach(this.#callbacks.onRequest(downstream, headers, endStream), endStream);
  }

  /** A head beyond the limits: nobody gets to see it. */
  #refuses(stream: ServerHttp2Stream, raw: readonly string[]): boolean {
    const { maxRequestHeadersBytes, maxRequestHeadersCount } = this.#options;
    const isSmall = isWithin(raw, maxRequestHeadersBytes, Number.POSITIVE_INFINITY);
    if (isSmall && isWithin(raw, maxRequestHeadersBytes, maxRequestHeadersCount)) return false;
    const details = isSmall ? "http2.too_many_headers" : "http2.header_list_size_too_large";
    stream.on("error", () => {});
    stream.close(codeOfReason("local reset"));
    const refusal = { status: 0, body: "", details, protocol: "HTTP/2", flag: "DR" } as const;
    this.#callbacks.onRefused(refusal, this.info);
    return true;
  }

  #waitIdle(): void {
    const { idleTimeoutMs } = this.#options;
    if (!this.#draining && idleTimeoutMs !== undefined)
      this.#deadlines.arm(this.#deadline, idleTimeoutMs);
  }

  #onDeadline(): void {
    if (!this.#draining && this.#streams.size === 0) this.drain();
    // The second GOAWAY names the last stream; the session ends with it.
    else if (this.#draining && !this.#session.destroyed) this.#closeSession();
    else if (!this.#socket.destroyed) this.#socket.destroy();
  }
}
