import type { Socket } from "node:net";

const emptyBuffer = Buffer.alloc(0);
/** Kept while a request is being answered; beyond it reading stops. */
const maxBytes = 64 * 1024;

/** What a client has sent of its next requests while one is being answered, and whether the client is made to wait. */
export class PipelinedInput {
  /** The request that is being answered takes no more of its body for now; `applyPause` makes it so. */
  pausedByStream = false;

  readonly #socket: Socket;
  #bytes: Buffer = emptyBuffer;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  keep(chunk: Buffer): void {
    this.#bytes = this.isEmpty ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.applyPause();
  }

  /** All of it, which is no longer kept then. */
  take(): Buffer {
    const bytes = this.#bytes;
    this.#bytes = emptyBuffer;
    return bytes;
  }

  forget(): void {
    this.#bytes = emptyBuffer;
  }

  applyPause(): void {
    const pause = this.pausedByStream || this.#bytes.length >= maxBytes;
    if (pause) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }
}
