import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { Socket } from "node:net";
import type {
  ConnectionInfo,
  ResetReason,
  UpstreamReceiver,
  UpstreamStream,
} from "../http/stream.ts";
import { KeepAlive } from "./keep-alive.ts";
import { outliveGoAway } from "./outlive-goaway.ts";
import {
  asSent,
  type Http2Limits,
  localSettings,
  mostHeaderPairs,
  widenWindow,
} from "./settings.ts";
import { type Http2StreamOwner, Http2UpstreamStream } from "./upstream-stream.ts";

export interface Http2ClientOptions {
  readonly writeBufferHighWatermarkBytes: number;
  readonly maxResponseHeadersBytes: number;
  /** Absent: 100. */
  readonly maxResponseHeadersCount?: number;
  readonly http2?: Http2Limits;
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

/** The client side of one HTTP/2 connection. */
export class Http2ClientConnection implements Http2StreamOwner {
  readonly info: ConnectionInfo;
  readonly highWatermarkBytes: number;
  readonly maxResponseHeadersBytes: number;
  readonly maxResponseHeadersCount: number;
  /** Requests begun on it. */
  requests = 0;
  /** Set once the peer has sent what is not HTTP/2. */
  isBroken = false;

  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #owner: Http2ClientOwner;
  readonly #streams = new Set<Http2UpstreamStream>();
  readonly #keepAlive: KeepAlive | undefined;
  #draining = false;
  #peerEnded = false;
  #closed = false;

  constructor(
    socket: Socket,
    info: ConnectionInfo,
    options: Http2ClientOptions,
    owner: Http2ClientOwner,
  ) {
    this.info = info;
    this.highWatermarkBytes = options.writeBufferHighWatermarkBytes;
    this.maxResponseHeadersBytes = options.maxResponseHeadersBytes;
    this.maxResponseHeadersCount = options.maxResponseHeadersCount ?? 100;
    this.#socket = socket;
    this.#owner = owner;
    const session = connect("http://upstream", {
      createConnection: () => socket,
      settings: { enablePush: false, ...localSettings(options.http2) },
      maxHeaderListPairs: mostHeaderPairs,
      ...asSent,
    });
    this.#session = session;
    outliveGoAway(session);
    widenWindow(session, options.http2);
    const keepAlive = options.http2?.keepAlive;
    if (keepAlive !== undefined)
      this.#keepAlive = new KeepAlive(session, keepAlive, () => this.close());
    session.on("error", (error: NodeJS.ErrnoException) => this.noteError(error));
    session.on("goaway", () => this.#onGoAway());
    session.on("remoteSettings", () => owner.capacityChanged());
    session.on("close", () => this.#gone(true));
    socket.on("end", () => this.#onPeerEnd());
    socket.on("close", () => this.#gone(true));
  }

  /** What the peer allows; it may change its mind. */
  get maxConcurrentStreams(): number {
    if (this.#draining) return 0;
    const { maxConcurrentStreams } = this.#session.remoteSettings;
    return maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  }

  get isTornDown(): boolean {
    return this.#closed || this.#session.destroyed;
  }

  /** The HTTP/2 library tells its streams first what it does not understand. */
  noteError(error: NodeJS.ErrnoException): void {
    this.isBroken ||= error.code === "ERR_HTTP2_ERROR" || error.code === "ERR_HTTP2_SESSION_ERROR";
  }

  begin(receiver: UpstreamReceiver): UpstreamStream {
    this.requests += 1;
    this.#keepAlive?.used();
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
    if (!this.#streams.delete(stream) || this.#closed) return;
    if (this.#peerEnded && this.#streams.size === 0) this.#end();
    else this.#owner.streamEnded();
  }

  /** The peer sends no more: responses that are whole can still be read, others are cut. */
  #onPeerEnd(): void {
    if (this.#closed) return;
    const cut = [...this.#streams].filter((stream) => !stream.isResponseReceived);
    if (cut.length === this.#streams.size) {
      this.#end();
      return;
    }
    this.#peerEnded = true;
    this.#draining = true;
    this.#owner.capacityChanged();
    for (const stream of cut) stream.connectionClosed("connection termination");
  }

  #end(): void {
    this.#gone(true);
    this.#session.destroy();
  }

  #onGoAway(): void {
    if (this.#draining || this.#closed) return;
    this.#draining = true;
    this.#owner.goAwayReceived();
  }

  #gone(byPeer: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#keepAlive?.stop();
    const interrupted = this.#streams.size > 0;
    const reason: ResetReason = this.isBroken ? "protocol error" : "connection termination";
    for (const stream of [...this.#streams]) stream.connectionClosed(reason);
    this.#streams.clear();
    this.#socket.destroy();
    this.#owner.closed(this, byPeer && !this.isBroken, interrupted);
  }
}
