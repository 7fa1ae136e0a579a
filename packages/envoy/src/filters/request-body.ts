/** The part of a request's body that may have to be sent later: before there is a connection, or once more for a retry. */
import type { HeaderMap } from "../http/header-map.ts";
import type { UpstreamStream } from "../http/stream.ts";

export class RequestBody {
  /** Everything is kept until the retry limit is passed. */
  keeps: boolean;
  complete: boolean;
  trailers: HeaderMap | undefined;
  bytes = 0;
  #chunks: Buffer[] = [];

  constructor(keeps: boolean, complete: boolean) {
    this.keeps = keeps;
    this.complete = complete;
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#chunks.push(chunk);
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

  #drop(): void {
    this.#chunks = [];
    this.bytes = 0;
  }
}
