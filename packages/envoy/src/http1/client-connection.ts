import type { Socket } from "node:net";
import { HeaderMap } from "../http/header-map.ts";
import type { ConnectionInfo, ResetReason, UpstreamReceiver } from "../http/stream.ts";
import type { SharedReads } from "../upstream/shared-reads.ts";
import { ChunkedDecoder, type ChunkedSink } from "./chunked-decoder.ts";
import { HeadReader } from "./head-reader.ts";
import { parseResponseHead, type ResponseHead } from "./response-head.ts";
import { SocketOutput } from "./socket-output.ts";
import { Http1UpstreamStream, type UpstreamOwner } from "./upstream-stream.ts";

export interface ClientConnectionOptions {
  readonly enableTrailers: boolean;
  readonly maxResponseHeadersBytes: number;
  readonly writeBufferHighWatermarkBytes: number;
}

/** The pool's side of a connection. */
export interface ClientConnectionOwner {
  /** The exchange is over and the connection can take another. */
  becameIdle(connection: Http1ClientConnection): void;
  /** Gone, whatever the reason; no other call follows. `interrupted`: in the middle of an exchange. */
  closed(connection: Http1ClientConnection, byPeer: boolean, interrupted: boolean): void;
}

type Reading = "nothing" | "head" | "length" | "chunked" | "until close" | "raw";

const emptyBuffer = Buffer.alloc(0);

/** The client side of one HTTP/1 connection: one exchange after another. */
export class Http1ClientConnection implements UpstreamOwner, ChunkedSink {
  readonly info: ConnectionInfo;
  readonly output: SocketOutput;
  readonly enableTrailers: boolean;
  readonly highWatermarkBytes: number;
  /** Requests begun on it. */
  requests = 0;

  readonly #socket: Socket;
  readonly #owner: ClientConnectionOwner;
  readonly #head: HeadReader;
  readonly #maxHeadBytes: number;
  /** What is read is overwritten by the next read. */
  readonly #sharesReads: boolean;
  #reading: Reading = "nothing";
  #remaining = 0;
  #chunks: ChunkedDecoder | undefined;
  /** Chunks of one read go on together, and not at all when an error follows in it; so does Envoy. */
  #gathered: Buffer[] = [];
  #stream: Http1UpstreamStream | undefined;
  #keepsAlive = true;
  #closed = false;

  constructor(
    socket: Socket,
    info: ConnectionInfo,
    options: ClientConnectionOptions,
    owner: ClientConnectionOwner,
    reads?: SharedReads,
  ) {
    this.#socket = socket;
    this.info = info;
    this.#owner = owner;
    this.output = new SocketOutput(socket);
    this.enableTrailers = options.enableTrailers;
    this.highWatermarkBytes = options.writeBufferHighWatermarkBytes;
    this.#maxHeadBytes = options.maxResponseHeadersBytes;
    this.#head = new HeadReader(options.maxResponseHeadersBytes);
    this.#sharesReads = reads !== undefined;
    if (reads === undefined) socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    else reads.receive = (input) => this.#receive(input);
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#onDrain());
    socket.on("close", () => this.#onClose());
  }

  get isBusy(): boolean {
    return this.#stream !== undefined;
  }

  /** Begins an exchange; the connection must be idle. */
  begin(receiver: UpstreamReceiver): Http1UpstreamStream {
    const stream = new Http1UpstreamStream(this, receiver);
    this.requests += 1;
    this.#stream = stream;
    this.#reading = "head";
    return stream;
  }

  /** Cuts the connection; a running exchange ends with "connection termination". */
  close(): void {
    this.#socket.destroy();
    this.#fail("connection termination", false);
  }

  requestEnded(stream: Http1UpstreamStream): void {
    if (this.#stream === stream && this.#reading === "nothing") this.#exchangeEnded();
  }

  cut(stream: Http1UpstreamStream): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#socket.destroy();
    this.#gone(false, true);
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  onChunkData(data: Buffer): void {
    this.#gathered.push(data);
  }

  onChunkedEnd(trailers: string[]): void {
    this.#deliverGathered();
    const stream = this.#stream;
    this.#reading = "nothing";
    this.#chunks = undefined;
    if (stream === undefined) return;
    if (trailers.length > 0 && this.enableTrailers)
      stream.receiver.onTrailers(new HeaderMap(trailers));
    else stream.receiver.onData(emptyBuffer, true);
  }

  #receive(input: Buffer): void {
    let position = 0;
    while (position < input.length) {
      const stream = this.#stream;
      // Bytes nobody asked for: this connection can no longer be trusted.
      if (stream === undefined) {
        this.close();
        return;
      }
      switch (this.#reading) {
        case "head":
          position = this.#readHead(stream, input, position);
          break;
        case "length": {
          const end = Math.min(input.length, position + this.#remaining);
          this.#remaining -= end - position;
          const isLast = this.#remaining === 0;
          if (isLast) this.#reading = "nothing";
          this.#deliver(stream, input.subarray(position, end), isLast);
          position = end;
          break;
        }
        case "chunked":
          position = this.#readChunks(input, position);
          break;
        case "until close":
        case "raw":
          this.#deliver(stream, position === 0 ? input : input.subarray(position), false);
          return;
        case "nothing":
          // More than was announced: what follows cannot be a response to a later request.
          this.#keepsAlive = false;
          position = input.length;
          break;
      }
      if (this.#reading === "nothing" && this.#stream === stream)
        this.#responseEnded(stream, position < input.length);
    }
  }

  #deliver(stream: Http1UpstreamStream, data: Buffer, endStream: boolean): void {
    stream.receiver.onData(this.#sharesReads ? Buffer.from(data) : data, endStream);
  }

  #readHead(stream: Http1UpstreamStream, input: Buffer, from: number): number {
    // A response can only begin with "HTTP/"; what begins otherwise need not be waited for.
    if (!this.#head.isPartial && input[from] !== 0x48) return this.#garbage(input);
    const end = this.#head.read(input, from);
    if (end === "more") return input.length;
    if (end === "too large" || !stream.requestStarted) return this.#garbage(input);
    const head = parseResponseHead(this.#head.text, stream);
    if (head === undefined) return this.#garbage(input);
    this.#onHead(stream, head);
    return end;
  }

  #onHead(stream: Http1UpstreamStream, head: ResponseHead): void {
    const headers = new HeaderMap(head.lines);
    if (head.status < 200 && head.status !== 101) {
      stream.receiver.onInformational(headers);
      return;
    }
    this.#keepsAlive = head.keepsAlive;
    switch (head.body.kind) {
      case "none":
        this.#reading = "nothing";
        break;
      case "length":
        this.#reading = "length";
        this.#remaining = head.body.bytes;
        break;
      case "chunked":
        this.#reading = "chunked";
        this.#chunks = new ChunkedDecoder(this.#maxHeadBytes);
        break;
      case "raw":
      case "until close":
        this.#reading = head.body.kind;
        break;
    }
    stream.receiver.onHeaders(headers, head.body.kind === "none");
  }

  #readChunks(input: Buffer, from: number): number {
    const end = this.#chunks?.decode(input, from, this);
    if (typeof end !== "number") return this.#garbage(input);
    this.#deliverGathered();
    return end;
  }

  #deliverGathered(): void {
    const parts = this.#gathered;
    const [first] = parts;
    const stream = this.#stream;
    if (first === undefined) return;
    this.#gathered = [];
    if (stream === undefined) return;
    if (parts.length === 1) this.#deliver(stream, first, false);
    else stream.receiver.onData(Buffer.concat(parts), false);
  }

  #garbage(input: Buffer): number {
    this.#gathered = [];
    this.#socket.destroy();
    this.#fail("protocol error", false);
    return input.length;
  }

  #responseEnded(stream: Http1UpstreamStream, bytesLeft: boolean): void {
    if (bytesLeft) this.#keepsAlive = false;
    // Envoy gives up a request that is still being sent when its response is complete; so does the connection.
    if (!stream.requestEnded) this.#keepsAlive = false;
    this.#exchangeEnded();
  }

  #exchangeEnded(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) stream.over = true;
    if (!this.#keepsAlive) {
      this.#socket.destroy();
      this.#gone(false, false);
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#owner.becameIdle(this);
  }

  /** The upstream sent its FIN. */
  #onEnd(): void {
    const stream = this.#stream;
    this.#socket.destroy();
    if (stream !== undefined && this.#reading === "until close") {
      this.#stream = undefined;
      stream.over = true;
      stream.receiver.onData(emptyBuffer, true);
      this.#gone(true, false);
      return;
    }
    const isInside =
      this.#reading === "length" || this.#reading === "chunked" || this.#head.isPartial;
    this.#fail(isInside ? "protocol error" : "connection termination", true);
  }

  #onClose(): void {
    this.#onEnd();
  }

  #fail(reason: ResetReason, byPeer: boolean): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined && !stream.over) {
      stream.over = true;
      stream.receiver.onReset(reason);
    }
    this.#gone(byPeer, stream !== undefined);
  }

  #gone(byPeer: boolean, interrupted: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reading = "nothing";
    this.#owner.closed(this, byPeer, interrupted);
  }

  #onDrain(): void {
    const stream = this.#stream;
    if (stream === undefined || !stream.blocked) return;
    stream.blocked = false;
    stream.receiver.onDrain();
  }
}
