import { type ClientHttp2Stream, constants } from "node:http2";
import type { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  ResetReason,
  UpstreamReceiver,
  UpstreamStream,
} from "../http/stream.ts";
import { isWithin, readHeaders, writeHeaders, writeTrailers } from "./headers.ts";
import { codeOfReason, reasonOfCode } from "./reset-reasons.ts";

const emptyBuffer = Buffer.alloc(0);

/** What a stream needs of the connection it is on. */
export interface Http2StreamOwner {
  readonly info: ConnectionInfo;
  readonly highWatermarkBytes: number;
  readonly maxResponseHeadersBytes: number;
  readonly maxResponseHeadersCount: number;
  /** The peer has sent what is not HTTP/2. */
  readonly isBroken: boolean;
  /** Streams that end now may do so because the connection does. */
  readonly isTornDown: boolean;
  request(headers: string[], endStream: boolean): ClientHttp2Stream;
  noteError(error: NodeJS.ErrnoException): void;
  streamEnded(stream: Http2UpstreamStream): void;
}

/** One request on an HTTP/2 upstream connection. */
export class Http2UpstreamStream implements UpstreamStream {
  readonly protocol = "HTTP/2";

  readonly #owner: Http2StreamOwner;
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
  #isReset = false;

  constructor(owner: Http2StreamOwner, receiver: UpstreamReceiver) {
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
    this.#isReset = true;
    if (this.#stream !== undefined) cut(this.#stream, codeOfReason(reason));
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

  /** END_STREAM has come, though perhaps not all before it has been read. */
  get isResponseReceived(): boolean {
    return this.#stream?.state.remoteClose === 1 || this.#stream?.closed === true;
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
    stream.on("error", (error) => this.#owner.noteError(error));
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
    const { maxResponseHeadersBytes, maxResponseHeadersCount } = this.#owner;
    if (!isWithin(raw, maxResponseHeadersBytes, maxResponseHeadersCount)) {
      this.reset("local reset");
      this.#receiver.onReset("remote reset");
      return;
    }
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
    if (this.#stream?.aborted || this.#owner.isTornDown) return;
    this.#responseEnded = true;
    if (this.#responseTrailers !== undefined) this.#receiver.onTrailers(this.#responseTrailers);
    else this.#receiver.onData(emptyBuffer, true);
    this.#finishIfBothEnded();
  }

  #sendTrailers(stream: ClientHttp2Stream): void {
    // A request that was given up ends with its RST_STREAM alone.
    if (stream.destroyed || stream.closed || this.#isReset) return;
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
    const { isBroken, isTornDown } = this.#owner;
    if (isBroken) this.#receiver.onReset("protocol error");
    else if (isTornDown && stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM)
      this.#receiver.onReset("connection termination");
    else this.#receiver.onReset(reasonOfCode(stream.rstCode));
  }

  #onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    if (!this.#over) this.#receiver.onDrain();
  }
}

/** RST_STREAM and nothing before it: `close` alone would first end the request, as if that were all of it. */
function cut(stream: ClientHttp2Stream, code: number): void {
  if (!stream.writableEnded) stream._final = () => {};
  stream.close(code);
}
