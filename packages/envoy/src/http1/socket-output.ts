import type { Socket } from "node:net";

/** Up to here a head and its body are copied into one buffer, which costs less than a vectored write. */
const copyLimitBytes = 16 * 1024;
/** More than this waiting is written without waiting for the end of the tick. */
const eagerBytes = 64 * 1024;

const waiting: SocketOutput[] = [];

function flushWaiting(): void {
  const outputs = waiting.splice(0);
  for (const output of outputs) output.flushScheduled();
}

/** Gathers what one tick writes to a socket, so that a head and its body leave in one system call. */
export class SocketOutput {
  readonly #socket: Socket;
  #parts: (string | Buffer)[] = [];
  #bytes = 0;
  #scheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes not yet handed to the kernel. */
  get pendingBytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  /** Whether more than `limitBytes` wait after a flush, so that the socket's "drain" will follow. */
  isAbove(limitBytes: number): boolean {
    if (this.pendingBytes <= limitBytes) return false;
    this.flush();
    return this.#socket.writableLength > limitBytes && this.#socket.writableNeedDrain;
  }

  /** `text` is latin-1. */
  text(text: string): void {
    const last = this.#parts.length - 1;
    const previous = this.#parts[last];
    if (typeof previous === "string") this.#parts[last] = previous + text;
    else this.#parts.push(text);
    this.#added(text.length);
  }

  bytes(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#parts.push(chunk);
    this.#added(chunk.length);
  }

  flush(): void {
    const parts = this.#parts;
    const bytes = this.#bytes;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#bytes = 0;
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable) return;
    if (parts.length === 1) write(socket, parts[0] as string | Buffer);
    else if (bytes <= copyLimitBytes) socket.write(joined(parts, bytes));
    else {
      socket.cork();
      for (const part of parts) write(socket, part);
      socket.uncork();
    }
  }

  #added(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= eagerBytes) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      if (waiting.push(this) === 1) process.nextTick(flushWaiting);
    }
  }

  /** The tick's flush. */
  flushScheduled(): void {
    this.#scheduled = false;
    this.flush();
  }
}

function write(socket: Socket, part: string | Buffer): void {
  if (typeof part === "string") socket.write(part, "latin1");
  else socket.write(part);
}

function joined(parts: readonly (string | Buffer)[], bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  let offset = 0;
  for (const part of parts) {
    if (typeof part === "string") offset += buffer.write(part, offset, "latin1");
    else {
      buffer.set(part, offset);
      offset += part.length;
    }
  }
  return buffer;
}
