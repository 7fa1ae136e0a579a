import type { ServerHttp2Stream } from "node:http2";
import type { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  DownstreamStream,
  ResetReason,
  StreamReceiver,
} from "../http/stream.ts";
import { readHeaders, writeHeaders, writeTrailers } from "./headers.ts";
import { codeOfReason, reasonOfCode } from "./reset-reasons.ts";

/** What a stream needs of its connection. */
export interface Http2StreamOwner {
  readonly info: ConnectionInfo;
  readonly highWatermarkBytes: number;
  streamEnded(stream: Http2DownstreamStream): void;
  drain(): void;
}

const emptyBuffer = Buffer.alloc(0);

/** One request on an HTTP/2 connection. */
export class Http2DownstreamStream implements DownstreamStream {
  readonly protocol = "HTTP/2";
  isUpgraded = false;

  readonly #owner: Http2StreamOwner;
  readonly #stream: ServerHttp2Stream;
  readonly #isConnect: boolean;
  #receiver: StreamReceiver | undefined;
  #requestTrailers: HeaderMap | undefined;
  #trailers: HeaderMap | undefined;
  #requestEnded = false;
  #responseStarted = false;
  #responseEnded = false;
  #blocked = false;
  /** Nothing is reported upwards any more. */
  #over = false;

  constructor(owner: Http2StreamOwner, stream: ServerHttp2Stream, isConnect: boolean) {
    this.#owner = owner;
    this.#stream = stream;
    this.#isConnect = isConnect;
    // "close" follows with the code.
    stream.on("error", () => {});
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
    this.isUpgraded = this.#isConnect && (headers.get(":status") ?? "").startsWith("2");
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
    this.#receiver?.onReset("connection termination");
  }

  #end(): void {
    this.#responseEnded = true;
    this.#stream.end();
    this.#finishIfBothEnded();
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
    this.#owner.streamEnded(this);
    if (this.#over) return;
    this.#over = true;
    // Answered before the request was whole: the client has its answer, nothing is lost.
    if (this.#responseEnded && this.#stream.rstCode === 0) return;
    this.#receiver?.onReset(reasonOfCode(this.#stream.rstCode));
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
