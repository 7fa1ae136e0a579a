import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { Socket } from "node:net";
import type { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  ResetReason,
  UpstreamReceiver,
  UpstreamStream,
} from "../http/stream.ts";
import { readHeaders, writeHeaders, writeTrailers } from "./headers.ts";
import { codeOfReason, reasonOfCode } from "./reset-reasons.ts";
import { localSettings } from "./settings.ts";

export interface Http2ClientOptions {
  readonly writeBufferHighWatermarkBytes: number;
  readonly maxResponseHeadersBytes: number;
}

/** The pool's side of a connection. */
export interface Http2ClientOwner {
  /** A stream is over and the connection goes on. */
  streamEnded(): void;
  /** `maxConcurrentStreams` is another. */
  capacityChanged(): void;
  /** No new streams, please. */
  goAwayReceived(): void;
  /** Gone, whatever the reason; no other call follows. `interrupted`: with streams under way. */
  closed(connection: Http2ClientConnection, byPeer: boolean, interrupted: boolean): void;
}

const emptyBuffer = Buffer.alloc(0);

/** The client side of one HTTP/2 connection. */
export class Http2ClientConnection {
  readonly info: ConnectionInfo;
  readonly highWatermarkBytes: number;
  /** Requests begun on it. */
  requests = 0;
  /** Set once the peer has sent what is not HTTP/2. */
  isBroken = false;

  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #owner: Http2ClientOwner;
  readonly #streams = new Set<Http2UpstreamStream>();
  #draining = false;
  #closed = false;

  constructor(
    socket: Socket,
    info: ConnectionInfo,
    options: Http2ClientOptions,
    owner: Http2ClientOwner,
  ) {
    this.info = info;
    this.highWatermarkBytes = options.writeBufferHighWatermarkBytes;
    this.#socket = socket;
    this.#owner = owner;
    const session = connect("http://upstream", {
      createConnection: () => socket,
      settings: { ...localSettings, maxHeaderListSize: options.maxResponseHeadersBytes },
    });
    this.#session = session;
    session.on("error", (error: NodeJS.ErrnoException) => {
      this.isBroken ||=
        error.code === "ERR_HTTP2_ERROR" || error.code === "ERR_HTTP2_SESSION_ERROR";
    });
    session.on("goaway", () => this.#onGoAway());
    session.on("remoteSettings", () => owner.capacityChanged());
    session.on("close", () => this.#gone(true));
    socket.on("end", () => session.destroy());
    socket.on("close", () => this.#gone(true));
  }

  /** What the peer allows; it may change its mind. */
  get maxConcurrentStreams(): number {
    const { maxConcurrentStreams } = this.#session.remoteSettings;
    return maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  }

  get isUsable(): boolean {
    return !this.#draining && !this.#closed && !this.#session.closed && !this.#session.destroyed;
  }

  begin(receiver: UpstreamReceiver): UpstreamStream {
    this.requests += 1;
    const stream = new Http2UpstreamStream(this, receiver);
    this.#streams.add(stream);
    return stream;
  }

  request(headers: string[], endStream: boolean): ClientHttp2Stream {
    return this.#session.request(headers as never, { endStream, waitForTrailers: !endStream });
  }

  close(): void {
    this.#session.destroy();
    this.#socket.destroy();
    this.#gone(false);
  }

  streamEnded(stream: Http2UpstreamStream): void {
    if (this.#streams.delete(stream) && !this.#closed) this.#owner.streamEnded();
  }

  #onGoAway(): void {
    if (this.#draining || this.#closed) return;
    this.#draining = true;
    this.#owner.goAwayReceived();
  }

  #gone(byPeer: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    const interrupted = this.#streams.size > 0;
    const reason: ResetReason = this.isBroken ? "protocol error" : "connection termination";
    for (const stream of [...this.#streams]) stream.connectionClosed(reason);
    this.#streams.clear();
    this.#socket.destroy();
    this.#owner.closed(this, byPeer && !this.isBroken, interrupted);
  }
}

/** One request on an HTTP/2 upstream connection. */
export class Http2UpstreamStream implements UpstreamStream {
  readonly protocol = "HTTP/2";

  readonly #owner: Http2ClientConnection;
  readonly #receiver: UpstreamReceiver;
  #stream: ClientHttp2Stream | undefined;
  #trailers: HeaderMap | undefined;
  #responseTrailers: HeaderMap | undefined;
  #requestEnded = false;
  #responseStarted = false;
  #responseEnded = false;
  #blocked = false;
  #paused = false;
  #over = false;

  constructor(owner: Http2ClientConnection, receiver: UpstreamReceiver) {
    this.#owner = owner;
    this.#receiver = receiver;
  }

  get connection(): ConnectionInfo {
    return this.#owner.info;
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.#over || this.#stream !== undefined) return;
    // The order in which Envoy sends them.
    const raw = writeHeaders(headers, [":authority", ":path", ":method", ":scheme", ":protocol"]);
    try {
      this.#stream = this.#owner.request(raw, endStream);
    } catch {
      // A session that closed since it was picked, or a list it cannot send.
      this.connectionClosed("connection termination");
      return;
    }
    this.#requestEnded = endStream;
    this.#listen(this.#stream);
  }

  encodeData(chunk: Buffer, endStream: boolean): boolean {
    const stream = this.#stream;
    if (this.#over || this.#requestEnded || stream === undefined) return true;
    if (chunk.length > 0) stream.write(chunk);
    if (endStream) this.#end(stream);
    else if (stream.writableNeedDrain && stream.writableLength > this.#owner.highWatermarkBytes) {
      this.#blocked = true;
    }
    return !this.#blocked;
  }

  encodeTrailers(trailers: HeaderMap): void {
    const stream = this.#stream;
    if (this.#over || this.#requestEnded || stream === undefined) return;
    this.#trailers = trailers;
    this.#end(stream);
  }

  reset(reason: ResetReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#stream?.close(codeOfReason(reason));
    this.#owner.streamEnded(this);
  }

  pauseReading(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resumeReading(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  /** For the connection: it is gone. */
  connectionClosed(reason: ResetReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.streamEnded(this);
    this.#receiver.onReset(reason);
  }

  #end(stream: ClientHttp2Stream): void {
    this.#requestEnded = true;
    stream.end();
    this.#finishIfBothEnded();
  }

  #listen(stream: ClientHttp2Stream): void {
    // "close" follows with the code.
    stream.on("error", () => {});
    stream.on("headers", (_headers, _flags, raw: readonly string[]) => {
      if (!this.#over) this.#receiver.onInformational(readHeaders(raw, [":status"]));
    });
    stream.on("response", (_headers, flags, raw: readonly string[]) =>
      this.#onResponse(flags, raw),
    );
    stream.on("trailers", (_headers, _flags, raw: readonly string[]) => {
      this.#responseTrailers = readHeaders(raw, []);
    });
    stream.on("data", (chunk: Buffer) => {
      if (!this.#over) this.#receiver.onData(chunk, false);
    });
    stream.on("end", () => this.#onEnd());
    stream.on("drain", () => this.#onDrain());
    stream.on("wantTrailers", () => this.#sendTrailers(stream));
    stream.on("close", () => this.#onClose(stream));
    if (this.#paused) stream.pause();
  }

  #onResponse(flags: number, raw: readonly string[]): void {
    if (this.#over) return;
    this.#responseStarted = true;
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    this.#responseEnded = endStream;
    this.#receiver.onHeaders(readHeaders(raw, [":status"]), endStream);
    this.#finishIfBothEnded();
  }

  #onEnd(): void {
    // "end" also comes with a reset, before its "close": only END_STREAM ends a response.
    const code = this.#stream?.rstCode ?? 0;
    if (this.#over || this.#responseEnded || !this.#responseStarted || code !== 0) return;
    if (this.#stream?.aborted) return;
    this.#responseEnded = true;
    if (this.#responseTrailers !== undefined) this.#receiver.onTrailers(this.#responseTrailers);
    else this.#receiver.onData(emptyBuffer, true);
    this.#finishIfBothEnded();
  }

  #sendTrailers(stream: ClientHttp2Stream): void {
    if (stream.destroyed || stream.closed) return;
    try {
      stream.sendTrailers(this.#trailers === undefined ? {} : writeTrailers(this.#trailers));
    } catch {
      // node:http2 throws on a list it cannot send; this request pays for it.
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  #finishIfBothEnded(): void {
    if (!this.#requestEnded || !this.#responseEnded || this.#over) return;
    this.#over = true;
    this.#owner.streamEnded(this);
  }

  #onClose(stream: ClientHttp2Stream): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.streamEnded(this);
    if (this.#responseEnded) return;
    const reason = this.#owner.isBroken ? "protocol error" : reasonOfCode(stream.rstCode);
    const isGone = stream.rstCode === constants.NGHTTP2_NO_ERROR || !this.#owner.isUsable;
    this.#receiver.onReset(
      isGone && !this.#owner.isBroken && stream.rstCode === 0 ? "connection termination" : reason,
    );
  }

  #onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    if (!this.#over) this.#receiver.onDrain();
  }
}
