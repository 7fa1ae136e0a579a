/** The filters' way in: a request passes the first filter first; what arrives while one of them holds it up is kept and goes on later. */
import type { HttpFilter } from "../filters/filter.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { DownstreamStream } from "../http/stream.ts";
import { HeldRequest } from "./held-request.ts";

/** The stream, as far as the chain needs it. */
export interface RequestChainStream {
  readonly headers: HeaderMap;
  readonly requestComplete: boolean;
  readonly bufferLimitBytes: number;
  /** A filter answered, or the client has gone: nothing goes on. */
  readonly isOver: boolean;
}

export class RequestChain {
  readonly #stream: RequestChainStream;
  readonly #codec: DownstreamStream;
  readonly #filters: readonly HttpFilter[];
  /** The filter that holds the request up, none: -1. */
  #stoppedAt = -1;
  #held: HeldRequest | undefined;
  #paused = false;

  constructor(stream: RequestChainStream, codec: DownstreamStream, filters: readonly HttpFilter[]) {
    this.#stream = stream;
    this.#codec = codec;
    this.#filters = filters;
  }

  /** The client waits, as more is held than the buffer limit. */
  get isPaused(): boolean {
    return this.#paused;
  }

  headers(): void {
    this.#headersFrom(0);
  }

  data(chunk: Buffer, endStream: boolean): void {
    this.#dataFrom(0, chunk, endStream);
  }

  trailers(trailers: HeaderMap): void {
    this.#trailersFrom(0, trailers);
  }

  #headersFrom(first: number): void {
    const stream = this.#stream;
    for (let i = first; i < this.#filters.length; i++) {
      if (stream.isOver) return;
      const endStream = stream.requestComplete && this.#held?.hasParts !== true;
      const verdict = (this.#filters[i] as HttpFilter).decodeHeaders(stream.headers, endStream);
      if (verdict !== "continue") {
        this.#stoppedAt = i;
        return;
      }
    }
    this.#stoppedAt = -1;
  }

  /** A filter that said "stop" may say "continue" to a later part: then everything held goes on. */
  #dataFrom(first: number, chunk: Buffer, endStream: boolean): void {
    for (let i = first; i < this.#filters.length; i++) {
      const filter = this.#filters[i] as HttpFilter;
      const stopped = i === this.#stoppedAt;
      const otherwise = stopped ? "stop" : "continue";
      const verdict = filter.decodeData?.(chunk, endStream) ?? otherwise;
      if (this.#stream.isOver) return;
      if (verdict === "continue" && !stopped) continue;
      this.#stoppedAt = i;
      if (verdict === "drop") return;
      this.#hold(chunk, endStream, filter.decodeData !== undefined && verdict !== "wait");
      if (verdict === "continue") this.continueDecoding();
      return;
    }
  }

  #trailersFrom(first: number, trailers: HeaderMap): void {
    for (let i = first; i < this.#filters.length; i++) {
      const stopped = i === this.#stoppedAt;
      const otherwise = stopped ? "stop" : "continue";
      const verdict = this.#filters[i]?.decodeTrailers?.(trailers) ?? otherwise;
      if (this.#stream.isOver) return;
      if (verdict === "continue" && !stopped) continue;
      this.#stoppedAt = i;
      this.#held ??= new HeldRequest();
      this.#held.addTrailers(trailers);
      if (verdict === "continue") this.continueDecoding();
      return;
    }
  }

  /** A filter that counts what it holds sets the limit itself; for others the client waits at the buffer limit. */
  #hold(chunk: Buffer, endStream: boolean, counted: boolean): void {
    this.#held ??= new HeldRequest();
    const held = this.#held;
    held.addData(chunk, endStream);
    if (!counted && held.bytes > this.#stream.bufferLimitBytes && !this.#paused) {
      this.#paused = true;
      this.#codec.pauseReading();
    }
  }

  /** The filter that holds the request up lets it go. */
  continueDecoding(): void {
    const stream = this.#stream;
    if (stream.isOver || this.#stoppedAt < 0) return;
    const next = this.#stoppedAt + 1;
    this.#stoppedAt = -1;
    const held = this.#held;
    this.#headersFrom(next);
    while (held?.hasParts === true && !stream.isOver) {
      // A later filter may have stopped: what is left waits for that one.
      if (this.#stoppedAt >= next && this.#filters[this.#stoppedAt]?.decodeData === undefined)
        return;
      const part = held.take();
      if (part?.kind === "data") this.#dataFrom(next, part.chunk, part.endStream);
      else if (part !== undefined) this.#trailersFrom(next, part.trailers);
    }
    if (this.#paused && !stream.isOver) {
      this.#paused = false;
      this.#codec.resumeReading();
    }
  }

  /** Puts bytes before the body that a filter which said "stop" has kept so far. */
  prepend(chunk: Buffer): void {
    this.#held ??= new HeldRequest();
    this.#held.prepend(chunk);
  }
}
