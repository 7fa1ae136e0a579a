/** The part of a request's body that may have to be sent later: before there is a connection, or once more for a retry. */
import type { HeaderMap } from "../http/header-map.ts";
import type { UpstreamStream } from "../http/stream.ts";

/** The client, who can be made to wait. */
export interface BodySource {
  pauseReading(): void;
  resumeReading(): void;
}

export class RequestBody {
  /** Everything is kept until the retry limit is passed. */
  keeps: boolean;
  complete: boolean;
  trailers: HeaderMap | undefined;

  readonly #source: BodySource;
  readonly #limitBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #paused = false;

  constructor(source: BodySource, limitBytes: number, keeps: boolean, complete: boolean) {
    this.#source = source;
    this.#limitBytes = limitBytes;
    this.keeps = keeps;
    this.complete = complete;
  }

  /** False: there is more now than may be kept. */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    return this.#bytes <= this.#limitBytes;
  }

  forget(): void {
    this.keeps = false;
    this.#drop();
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Sends all there is; false when the connection wants a pause. */
  sendTo(stream: UpstreamStream): boolean {
    let writable = true;
    const last = this.#chunks.length - 1;
    for (const [i, chunk] of this.#chunks.entries()) {
      const ends = i === last && this.complete && this.trailers === undefined;
      writable = stream.encodeData(chunk, ends);
    }
    if (this.trailers !== undefined) stream.encodeTrailers(this.trailers);
    if (!this.keeps) this.#drop();
    return writable;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#source.pauseReading();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resumeReading();
  }

  #drop(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }
}
