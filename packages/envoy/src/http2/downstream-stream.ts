import type { ServerHttp2Stream } from "node:http2";
import type { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  DownstreamStream,
  ResetReason,
  StreamReceiver,
} from "../http/stream.ts";
import { Deadline } from "../listener/deadlines.ts";
import { readHeaders, writeHeaders, writeTrailers } from "./headers.ts";
import { codeOfReason, detailsOfCode, reasonOfCode } from "./reset-reasons.ts";

/** What a stream needs of its connection. */
export interface Http2StreamOwner {
  readonly info: ConnectionInfo;
  readonly highWatermarkBytes: number;
  /** What the client sent that is not HTTP/2, if it did. */
  readonly violation: string | undefined;
  noteError(error: NodeJS.ErrnoException): void;
  /** The response is all there and waits for the client to take it, which has its limit. */
  flushing(deadline: Deadline): void;
  flushed(deadline: Deadline): void;
  streamEnded(stream: Http2DownstreamStream): void;
  drain(): void;
}

const emptyBuffer = Buffer.alloc(0);
const bodiless: ReadonlySet<string> = new Set(["204", "205", "304"]);

/** One request on an HTTP/2 connection. */
export class Http2DownstreamStream implements DownstreamStream {
  readonly protocol = "HTTP/2";
  isUpgraded = false;
  /** The client gave it up before its answer was whole. */
  isReset = false;
  /** Milliseconds, of the monotonic clock. */
  readonly startedAt: number = performance.now();

  readonly #owner: Http2StreamOwner;
  readonly #stream: ServerHttp2Stream;
  readonly #method: string;
  #receiver: StreamReceiver | undefined;
  #requestTrailers: HeaderMap | undefined;
  #trailers: HeaderMap | undefined;
  #requestEnded = false;
  #responseStarted = false;
  #responseEnded = false;
  #blocked = false;
  #flush: Deadline | undefined;
  /** Whatever follows the head, node:http2 ends the stream with it. */
  #isBodiless = false;
  /** Nothing is reported upwards any more. */
  #over = false;

  constructor(owner: Http2StreamOwner, stream: ServerHttp2Stream, method: string) {
    this.#owner = owner;
    this.#stream = stream;
    this.#method = method;
    // "close" follows with the code.
    stream.on("error", (error) => owner.noteError(error));
    stream.on("close", () => this.#onClose());
    stream.on("drain", () => this.#onDrain());
    stream.on("wantTrailers", () => this.#sendTrailers());
  }

  get connection(): ConnectionInfo {
    return this.#owner.info;
  }

  attach(receiver: StreamReceiver, endStream: boolean): void {
    this.#receiver = receiver;
    this.#requestEnded = endStream;
    const stream = this.#stream;
    if (endStream) {
      stream.resume();
      return;
    }
    stream.on("trailers", (_headers, _flags, raw: readonly string[]) => {
      this.#requestTrailers = readHeaders(raw, []);
    });
    stream.on("data", (chunk: Buffer) => {
      if (!this.#over) receiver.onData(chunk, false);
    });
    stream.on("end", () => this.#onEnd(receiver));
  }

  encodeInformational(headers: HeaderMap): void {
    if (this.#over || this.#responseStarted) return;
    this.#guarded(() => {
      const fields = writeTrailers(headers);
      this.#stream.additionalHeaders({
        ":status": Number(headers.get(":status") ?? 100),
        ...fields,
      });
    });
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.#over || this.#responseStarted) return;
    this.#responseStarted = true;
    this.isUpgraded = this.#method === "CONNECT" && (headers.get(":status") ?? "").startsWith("2");
    this.#isBodiless = this.#method === "HEAD" || bodiless.has(headers.get(":status") ?? "");
    this.#guarded(() => {
      this.#stream.respond(
        writeHeaders(headers, [":status"]) as never,
        {
          endStream,
          waitForTrailers: !endStream,
          sendDate: false,
        } as never,
      );
    });
    if (endStream) this.#end();
  }

  encodeData(chunk: Buffer, endStream: boolean): boolean {
    if (this.#over || this.#responseEnded) return true;
    const stream = this.#stream;
    if (chunk.length > 0) stream.write(chunk);
    if (endStream) this.#end();
    else if (stream.writableNeedDrain && stream.writableLength > this.#owner.highWatermarkBytes) {
      this.#blocked = true;
    }
    return !this.#blocked;
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.#over || this.#responseEnded) return;
    this.#trailers = trailers;
    this.#end();
  }

  reset(reason: ResetReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#stream.close(codeOfReason(reason));
    this.#owner.streamEnded(this);
  }

  closeAfterResponse(): void {
    this.#owner.drain();
  }

  pauseReading(): void {
    this.#stream.pause();
  }

  resumeReading(): void {
    this.#stream.resume();
  }

  /** For the connection: its socket is gone. */
  connectionClosed(): void {
    if (this.#over) return;
    this.#over = true;
    const { violation } = this.#owner;
    if (violation === undefined) this.#receiver?.onReset("connection termination");
    else this.#receiver?.onReset("protocol error", violation);
  }

  #end(): void {
    this.#responseEnded = true;
    this.#stream.end();
    if (!this.#stream.writableFinished) {
      this.#flush = new Deadline(() => this.#stream.close(codeOfReason("local reset")));
      this.#owner.flushing(this.#flush);
    }
    this.#finishIfBothEnded();
    if (!this.#requestEnded) setImmediate(() => this.#stopRequest());
  }

  /** Answered before the request was whole: once the answer has been sent, the client need not go on (RFC 9113 8.1). */
  #stopRequest(): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed || this.#requestEnded) return;
    if (stream.state.localClose === 1) stream.close();
    else if (stream.writableFinished) setImmediate(() => this.#stopRequest());
    else stream.once("finish", () => setImmediate(() => this.#stopRequest()));
  }

  #sendTrailers(): void {
    this.#guarded(() => {
      this.#stream.sendTrailers(this.#trailers === undefined ? {} : writeTrailers(this.#trailers));
    });
  }

  #onEnd(receiver: StreamReceiver): void {
    this.#requestEnded = true;
    if (this.#over) return;
    if (this.#requestTrailers !== undefined) receiver.onTrailers(this.#requestTrailers);
    else receiver.onData(emptyBuffer, true);
    this.#finishIfBothEnded();
  }

  #finishIfBothEnded(): void {
    if (this.#requestEnded && this.#responseEnded) this.#over = true;
  }

  #onClose(): void {
    const { rstCode } = this.#stream;
    if (this.#flush !== undefined) this.#owner.flushed(this.#flush);
    // Answered before the request was whole: the client has its answer, nothing is lost.
    const isWhole = this.#over || ((this.#responseEnded || this.#isBodiless) && rstCode === 0);
    this.isReset = !isWhole;
    this.#owner.streamEnded(this);
    if (this.#over) return;
    this.#over = true;
    if (isWhole) return;
    const { violation } = this.#owner;
    if (violation !== undefined) this.#receiver?.onReset("protocol error", violation);
    else this.#receiver?.onReset(reasonOfCode(rstCode), detailsOfCode(rstCode));
  }

  #onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    if (!this.#over) this.#receiver?.onDrain();
  }

  /** node:http2 throws on header lists it cannot send; one stream pays for that, not the process. */
  #guarded(send: () => void): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    try {
      send();
    } catch {
      this.#stream.close(codeOfReason("connection termination"));
    }
  }
}
