import type { OnReadOpts } from "node:net";

/** As much as one read takes. */
const bufferBytes = 64 * 1024;
const buffer = Buffer.allocUnsafeSlow(bufferBytes);

/** Bytes of one connection as they arrive, without an allocation a read: all connections read into one buffer. */
export class SharedReads {
  /** `input` is good until the call returns. */
  receive: (input: Buffer) => void = () => {};

  readonly onread: OnReadOpts = {
    buffer,
    callback: (bytes) => {
      this.receive(buffer.subarray(0, bytes));
      return true;
    },
  };
}
