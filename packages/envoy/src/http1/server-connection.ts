import type { Socket } from "node:net";
import { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  ResetReason,
  ServerCodecOptions,
  ServerConnectionCallbacks,
} from "../http/stream.ts";
import type { Deadlines } from "../listener/deadlines.ts";
import { ConnectionTiming, type TimedConnection } from "./connection-timing.ts";
import { Http1DownstreamStream, type StreamOwner } from "./downstream-stream.ts";
import type { HeadError } from "./header-syntax.ts";
import { PipelinedInput } from "./pipelined-input.ts";
import {
  encodeRefusal,
  goneWithinHead,
  type HeadTimeout,
  plainAnswer,
  type RefusalDetails,
  refusalFor,
  refusalOf,
} from "./refusal.ts";
import type { RequestHead } from "./request-head.ts";
import { RequestReader, type RequestSink } from "./request-reader.ts";
import { SocketOutput } from "./socket-output.ts";

/** The server side of one HTTP/1 connection. */
export class Http1ServerConnection implements StreamOwner, RequestSink, TimedConnection {
  readonly info: ConnectionInfo;
  readonly output: SocketOutput;
  readonly properCase: boolean;
  readonly enableTrailers: boolean;
  readonly highWatermarkBytes: number;
  isDraining = false;

  readonly #socket: Socket;
  readonly #options: ServerCodecOptions;
  readonly #callbacks: ServerConnectionCallbacks;
  readonly #timing: ConnectionTiming;
  readonly #reader: RequestReader;
  readonly #pipelined: PipelinedInput;
  #stream: Http1DownstreamStream | undefined;
  #isParsing = false;
  #closed = false;

  constructor(
    socket: Socket,
    info: ConnectionInfo,
    options: ServerCodecOptions,
    callbacks: ServerConnectionCallbacks,
    deadlines: Deadlines,
  ) {
    this.#socket = socket;
    this.info = info;
    this.#options = options;
    const refusesHttps = options.validatesScheme === true && info.tls === undefined;
    this.#reader = new RequestReader(refusesHttps ? { ...options, refusesHttps } : options, this);
    this.#callbacks = callbacks;
    this.#pipelined = new PipelinedInput(socket);
    this.#timing = new ConnectionTiming(socket, options, deadlines, this);
    this.output = new SocketOutput(socket);
    this.properCase = options.properCaseResponse;
    this.enableTrailers = options.enableTrailers;
    this.highWatermarkBytes = options.writeBufferHighWatermarkBytes;
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#stream?.drained());
    this.#timing.idle();
  }

  get isIdle(): boolean {
    return this.#stream === undefined && this.#reader.isBetweenRequests;
  }

  receive(chunk: Buffer): void {
    const pipelined = this.#pipelined;
    if (this.#isParsing || this.#reader.awaitsNext || !pipelined.isEmpty) {
      pipelined.keep(chunk);
      return;
    }
    this.#isParsing = true;
    let input = chunk;
    for (;;) {
      const read = this.#reader.read(input);
      if (read < input.length) pipelined.keep(input.subarray(read));
      if (this.#reader.awaitsNext || pipelined.isEmpty) break;
      input = pipelined.take();
    }
    this.#isParsing = false;
    pipelined.applyPause();
  }

  /** Answers of now on announce the close; an idle connection closes at once. */
  drain(): void {
    this.isDraining = true;
    if (this.isIdle) this.#closeAfterFlush();
  }

  /** For the listener: the socket is gone. */
  socketClosed(): void {
    this.#closed = true;
    this.#abandonHead();
    this.#stopReading();
    this.#timing.stop();
    this.#abandonStream("connection termination");
  }

  // --- from the reader ------------------------------------------------------------------------------------------------------------------

  onHeadPending(): void {
    this.#timing.head();
  }

  onHead(head: RequestHead): void {
    this.#timing.requestBegan();
    const stream = new Http1DownstreamStream(this, head);
    this.#stream = stream;
    if (head.expectsContinue && !this.#options.proxy100Continue) {
      this.output.text(`HTTP/1.${head.http10 ? "0" : "1"} 100 Continue\r\n\r\n`);
      this.#callbacks.onContinueSent?.();
    }
    const endStream = stream.requestEnded;
    stream.receiver = this.#callbacks.onRequest(stream, new HeaderMap(head.lines), endStream);
  }

  onBadHead(details: RefusalDetails, http10: boolean, lines: string[] | undefined): void {
    this.#callbacks.onRefused(refusalOf(details, http10, lines), this.info);
    this.#writeRefusal(details, http10);
  }

  onBody(data: Buffer, isLast: boolean): void {
    this.#stream?.receiveBody(data, isLast);
  }

  onTrailers(lines: string[]): void {
    this.#stream?.receiveTrailers(lines);
  }

  /** Answered when nothing was said yet, else cut. */
  onBadBody(error: HeadError): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined || stream.over) {
      this.#finish();
      return;
    }
    stream.over = true;
    if (stream.responseStarted) this.#finish();
    else this.#writeRefusal(error, stream.protocol === "HTTP/1.0");
    stream.receiver?.onReset("protocol error", error);
  }

  /** On to the next request, or wait for the answer. */
  onRequestEnd(): void {
    if (this.#stream === undefined || this.#stream.responseEnded) this.#nextExchange();
  }

  // --- from the stream ------------------------------------------------------------------------------------------------------------------

  responseEnded(stream: Http1DownstreamStream): void {
    this.output.flush();
    if (this.#stream !== stream) return;
    if (stream.closes) {
      this.#stream = undefined;
      stream.over = true;
      // Measured with Envoy: once the request is whole and has been read, there is nothing to wait for; an answer given while it is still
      // being read is followed by the delay.
      if (this.#isParsing || !stream.requestEnded) this.#closeAfterFlush();
      else this.#finish();
    } else if (stream.requestEnded) this.#nextExchange();
  }

  cut(stream: Http1DownstreamStream): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.output.flush();
    this.#finish();
  }

  pauseReading(): void {
    this.#pipelined.pausedByStream = true;
    this.#pipelined.applyPause();
  }

  resumeReading(): void {
    this.#pipelined.pausedByStream = false;
    this.#pipelined.applyPause();
  }

  #nextExchange(): void {
    const stream = this.#stream;
    if (stream !== undefined) stream.over = true;
    this.#stream = undefined;
    this.#reader.next();
    this.#pipelined.pausedByStream = false;
    if (this.isDraining) {
      if (!this.#timing.isDraining) this.#closeAfterFlush();
    } else this.#timing.idle();
    if (this.#isParsing || this.#pipelined.isEmpty) {
      this.#pipelined.applyPause();
      return;
    }
    // The connection to the service that has just answered is free again by then.
    process.nextTick(() => this.#readPipelined());
  }

  #readPipelined(): void {
    if (this.#pipelined.isEmpty || this.#isParsing || !this.#reader.isAtHead) return;
    this.receive(this.#pipelined.take());
  }

  #writeRefusal(details: RefusalDetails, http10: boolean): void {
    const refusal = refusalFor(details);
    const answer =
      this.#callbacks.answerRefusal?.(refusal, this.info) ??
      plainAnswer(refusal, this.#options.serverName ?? "envoy");
    this.output.text(encodeRefusal(answer, { http10, proper: this.properCase }));
    this.#closeAfterFlush();
  }

  #abandonStream(reason: ResetReason): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.abandon(reason);
  }

  #abandonHead(): void {
    if (this.#reader.isWithinHead) this.#callbacks.onRefused(goneWithinHead, this.info);
  }

  /** The client sent its FIN. Envoy takes that for the end of both directions. */
  #onEnd(): void {
    this.#abandonHead();
    this.#abandonStream("connection termination");
    this.#finish();
  }

  // --- time limits ----------------------------------------------------------------------------------------------------------------------

  onIdle(): void {
    if (this.#stream !== undefined) return;
    if (this.#socket.bytesRead === 0) this.#finish();
    else {
      this.isDraining = true;
      this.#timing.drain();
    }
  }

  onHeadLate(limit: HeadTimeout): void {
    if (this.#reader.isAtHead && this.#stream === undefined)
      this.onBadHead(limit, false, undefined);
  }

  onDrained(): void {
    if (this.#stream === undefined) this.#closeAfterFlush();
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  /** What was written goes out, then the connection ends; a client that does not read is not waited for. */
  #finish(): void {
    this.#stopReading();
    if (this.#closed) return;
    this.output.flush();
    this.#socket.destroySoon();
    if (!this.#socket.destroyed) this.#timing.close();
  }

  /** After the last answer the client gets time to close first, as a close from here could destroy what it has not read yet. */
  #closeAfterFlush(): void {
    this.output.flush();
    if (this.#options.delayedCloseTimeoutMs <= 0) {
      this.#finish();
      return;
    }
    this.#stopReading();
    this.#pipelined.pausedByStream = false;
    if (this.#closed) return;
    this.#pipelined.applyPause();
    this.#timing.close();
  }

  #stopReading(): void {
    this.#reader.stop();
    this.#pipelined.forget();
  }
}
