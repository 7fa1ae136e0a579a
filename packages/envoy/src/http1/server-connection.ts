import type { Socket } from "node:net";
import { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  RequestRefusal,
  ResetReason,
  ServerCodecOptions,
  ServerConnectionCallbacks,
} from "../http/stream.ts";
import type { Deadlines } from "../listener/deadlines.ts";
import { ChunkedDecoder, type ChunkedSink } from "./chunked-decoder.ts";
import { ConnectionTiming, type TimedConnection } from "./connection-timing.ts";
import { Http1DownstreamStream, type StreamOwner } from "./downstream-stream.ts";
import { HeadReader } from "./head-reader.ts";
import type { HeadError } from "./header-syntax.ts";
import {
  encodeRefusal,
  type HeadTimeout,
  plainAnswer,
  type RefusalDetails,
  refusalFor,
} from "./refusal.ts";
import { parseRequestHead, type RequestHead, type RequestHeadLimits } from "./request-head.ts";
import { startsMethod } from "./request-target.ts";
import { SocketOutput } from "./socket-output.ts";

/** What the next bytes from the client are. */
type Reading = "head" | "length" | "chunked" | "raw" | "next request" | "nothing";

const emptyBuffer = Buffer.alloc(0);
/** Pipelined requests kept while one is being answered; beyond it reading stops. */
const maxPipelinedBytes = 64 * 1024;

/** The server side of one HTTP/1 connection. */
export class Http1ServerConnection implements StreamOwner, ChunkedSink, TimedConnection {
  readonly info: ConnectionInfo;
  readonly output: SocketOutput;
  readonly properCase: boolean;
  readonly enableTrailers: boolean;
  readonly highWatermarkBytes: number;
  isDraining = false;

  readonly #socket: Socket;
  readonly #options: ServerCodecOptions;
  readonly #limits: RequestHeadLimits;
  readonly #callbacks: ServerConnectionCallbacks;
  readonly #timing: ConnectionTiming;
  readonly #head: HeadReader;
  /** Something came since the last request, be it a line end. */
  #headBegun = false;
  #reading: Reading = "head";
  #remaining = 0;
  #chunks: ChunkedDecoder | undefined;
  #stream: Http1DownstreamStream | undefined;
  #pipelined: Buffer = emptyBuffer;
  #isParsing = false;
  #pausedByStream = false;
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
    this.#limits = refusesHttps ? { ...options, refusesHttps } : options;
    this.#callbacks = callbacks;
    this.#timing = new ConnectionTiming(socket, options, deadlines, this);
    this.output = new SocketOutput(socket);
    this.properCase = options.properCaseResponse;
    this.enableTrailers = options.enableTrailers;
    this.highWatermarkBytes = options.writeBufferHighWatermarkBytes;
    this.#head = new HeadReader(options.maxRequestHeadersBytes);
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#onDrain());
    this.#timing.idle();
  }

  get isIdle(): boolean {
    return this.#stream === undefined && this.#reading === "head" && !this.#head.isPartial;
  }

  receive(chunk: Buffer): void {
    if (this.#isParsing || this.#awaitsAnswer() || this.#pipelined.length > 0) {
      this.#keepForLater(chunk);
      return;
    }
    this.#isParsing = true;
    let input = chunk;
    for (;;) {
      this.#parse(input);
      if (this.#awaitsAnswer() || this.#pipelined.length === 0) break;
      input = this.#pipelined;
      this.#pipelined = emptyBuffer;
    }
    this.#isParsing = false;
    this.#applyPause();
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
    this.#reading = "nothing";
    this.#pipelined = emptyBuffer;
    this.#timing.stop();
    this.#abandonStream("connection termination");
  }

  onChunkData(data: Buffer): void {
    this.#deliver(data, false);
  }

  onChunkedEnd(trailers: string[]): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    stream.requestEnded = true;
    if (stream.over) return;
    if (trailers.length > 0 && this.enableTrailers)
      stream.receiver?.onTrailers(new HeaderMap(trailers));
    else stream.receiver?.onData(emptyBuffer, true);
  }

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
    this.#pausedByStream = true;
    this.#applyPause();
  }

  resumeReading(): void {
    this.#pausedByStream = false;
    this.#applyPause();
  }

  /** The request is whole and its answer is not. */
  #awaitsAnswer(): boolean {
    return this.#reading === "next request";
  }

  #applyPause(): void {
    const pause = this.#pausedByStream || this.#pipelined.length >= maxPipelinedBytes;
    if (pause) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #keepForLater(chunk: Buffer): void {
    this.#pipelined =
      this.#pipelined.length === 0 ? chunk : Buffer.concat([this.#pipelined, chunk]);
    this.#applyPause();
  }

  #parse(input: Buffer): void {
    let position = 0;
    while (position < input.length) {
      switch (this.#reading) {
        case "head":
          position = this.#readHead(input, position);
          break;
        case "length": {
          const end = Math.min(input.length, position + this.#remaining);
          this.#remaining -= end - position;
          const data = input.subarray(position, end);
          position = end;
          this.#deliver(data, this.#remaining === 0);
          if (this.#remaining === 0) this.#requestEnded();
          break;
        }
        case "chunked":
          position = this.#readChunks(input, position);
          break;
        case "raw":
          this.#deliver(position === 0 ? input : input.subarray(position), false);
          return;
        case "next request":
          this.#keepForLater(input.subarray(position));
          return;
        case "nothing":
          return;
      }
    }
  }

  #readHead(input: Buffer, from: number): number {
    let position = from;
    if (!this.#head.isPartial) {
      this.#headBegun = true;
      while (input[position] === 0x0d || input[position] === 0x0a) position += 1;
      if (position === input.length) {
        this.#timing.head();
        return position;
      }
      if (!startsMethod(input[position] as number)) {
        this.#refuse("http1.codec_error", false);
        return input.length;
      }
    }
    const end = this.#head.read(input, position);
    if (end === "more") {
      this.#timing.head();
      return input.length;
    }
    if (end === "too large") {
      this.#refuse("http1.headers_too_large", false);
      return input.length;
    }
    const head = parseRequestHead(this.#head.text, this.#limits);
    if ("refused" in head) {
      this.#refuse(head.refused, head.http10, head.lines);
      return input.length;
    }
    this.#begin(head);
    return end;
  }

  #begin(head: RequestHead): void {
    this.#timing.requestBegan();
    this.#headBegun = false;
    const stream = new Http1DownstreamStream(this, head);
    this.#stream = stream;
    switch (head.body.kind) {
      case "none":
        this.#reading = "next request";
        break;
      case "length":
        this.#reading = "length";
        this.#remaining = head.body.bytes;
        break;
      case "chunked":
        this.#reading = "chunked";
        this.#chunks = new ChunkedDecoder(this.#options.maxRequestHeadersBytes);
        break;
      case "raw":
        this.#reading = "raw";
        break;
    }
    if (head.expectsContinue && !this.#options.proxy100Continue) {
      this.output.text(`HTTP/1.${head.http10 ? "0" : "1"} 100 Continue\r\n\r\n`);
      this.#callbacks.onContinueSent?.();
    }
    const endStream = stream.requestEnded;
    stream.receiver = this.#callbacks.onRequest(stream, new HeaderMap(head.lines), endStream);
  }

  #readChunks(input: Buffer, from: number): number {
    const decoder = this.#chunks;
    if (decoder === undefined) return input.length;
    const end = decoder.decode(input, from, this);
    if (typeof end === "string") {
      this.#failRequest(end);
      return input.length;
    }
    if (this.#stream?.requestEnded !== false) this.#requestEnded();
    return end;
  }

  #deliver(data: Buffer, endStream: boolean): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (endStream) stream.requestEnded = true;
    if (!stream.over) stream.receiver?.onData(data, endStream);
  }

  /** The request is whole: on to the next one, or wait for the answer. */
  #requestEnded(): void {
    this.#chunks = undefined;
    if (this.#reading === "nothing") return;
    this.#reading = "next request";
    if (this.#stream === undefined || this.#stream.responseEnded) this.#nextExchange();
  }

  #nextExchange(): void {
    const stream = this.#stream;
    if (stream !== undefined) stream.over = true;
    this.#stream = undefined;
    this.#reading = "head";
    this.#pausedByStream = false;
    if (this.isDraining) {
      if (!this.#timing.isDraining) this.#closeAfterFlush();
    } else this.#timing.idle();
    if (this.#isParsing || this.#pipelined.length === 0) {
      this.#applyPause();
      return;
    }
    // The connection to the service that has just answered is free again by then.
    process.nextTick(() => this.#readPipelined());
  }

  #readPipelined(): void {
    const input = this.#pipelined;
    if (input.length === 0 || this.#isParsing || this.#reading !== "head") return;
    this.#pipelined = emptyBuffer;
    this.receive(input);
  }

  /** A body that is no body: answered when nothing was said yet, else cut. */
  #failRequest(error: HeadError): void {
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

  #refuse(details: RefusalDetails, http10: boolean, lines?: string[]): void {
    const known: Pick<RequestRefusal, "headers" | "protocol"> =
      lines === undefined
        ? {}
        : { headers: new HeaderMap(lines), protocol: http10 ? "HTTP/1.0" : "HTTP/1.1" };
    this.#callbacks.onRefused({ ...refusalFor(details), ...known }, this.info);
    this.#writeRefusal(details, http10);
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
    if (stream === undefined || stream.over) return;
    stream.over = true;
    stream.receiver?.onReset(reason);
  }

  /** The client is gone in the middle of a head. */
  #abandonHead(): void {
    if (this.#reading !== "head" || !this.#headBegun) return;
    const details = "downstream_remote_disconnect";
    this.#callbacks.onRefused({ status: 0, body: "", details, flag: "DC" }, this.info);
  }

  /** The client sent its FIN. Envoy takes that for the end of both directions. */
  #onEnd(): void {
    this.#abandonHead();
    this.#abandonStream("connection termination");
    this.#finish();
  }

  #onDrain(): void {
    const stream = this.#stream;
    if (stream === undefined || !stream.blocked) return;
    stream.blocked = false;
    stream.receiver?.onDrain();
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
    if (this.#reading === "head" && this.#stream === undefined) this.#refuse(limit, false);
  }

  onDrained(): void {
    if (this.#stream === undefined) this.#closeAfterFlush();
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  /** What was written goes out, then the connection ends; a client that does not read is not waited for. */
  #finish(): void {
    this.#reading = "nothing";
    this.#pipelined = emptyBuffer;
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
    this.#reading = "nothing";
    this.#pipelined = emptyBuffer;
    this.#pausedByStream = false;
    if (this.#closed) return;
    this.#applyPause();
    this.#timing.close();
  }
}
