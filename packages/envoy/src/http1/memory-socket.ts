import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A socket without a network, for tests: what the peer sends is given in, what the codec writes is kept. */
export class MemorySocket extends Duplex {
  bytesRead = 0;
  bytesWritten = 0;
  #written: Buffer[] = [];

  constructor() {
    super({ allowHalfOpen: true, decodeStrings: true });
  }

  get asSocket(): Socket {
    return this as unknown as Socket;
  }

  /** What the codec has written, as latin-1. */
  get written(): string {
    return Buffer.concat(this.#written).toString("latin1");
  }

  /** Bytes of the peer. */
  receive(bytes: Buffer): void {
    this.bytesRead += bytes.length;
    this.push(bytes);
  }

  /** The peer's FIN. */
  receiveEnd(): void {
    this.push(null);
  }

  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#written.push(Buffer.from(chunk));
    this.bytesWritten += chunk.length;
    done();
  }
}

/** Until everything that was set in motion has come to rest. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
