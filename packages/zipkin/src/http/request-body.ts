import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { DecodeError } from "../model/decode-error.ts";

const gunzipAsync = promisify(gunzip);

/** The request asks for more than it may have. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  readonly status: 413 | 503;
  constructor(status: 413 | 503, message: string) {
    super(message);
    this.status = status;
  }
}

/** Bytes as sent; the real server's limit. */
export const MAX_BODY_BYTES: number = 10 * 1024 * 1024;
/** Bytes once unpacked: a 10 MiB gzip file can hold 10 GiB of zeros. */
export const MAX_UNPACKED_BYTES: number = 4 * MAX_BODY_BYTES;
/** Bytes of all bodies being received at one time. */
export const MAX_BUFFERED_BYTES: number = 16 * MAX_BODY_BYTES;

/** Reads whole bodies within limits for one and for all of them together. */
export class BodyReader {
  private buffered = 0;

  async read(request: IncomingMessage): Promise<Buffer> {
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > MAX_BODY_BYTES) throw tooLarge(`${announced} bytes`);
    const body = await this.receive(request);
    return isGzip(request) && body.length > 0 ? await unpack(body) : body;
  }

  /** By events: an iterator over the request costs as much as the rest of receiving it. */
  private receive(request: IncomingMessage): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const settle = (act: () => void): void => {
        this.buffered -= size;
        request.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
        act();
      };
      const onData = (chunk: Buffer): void => {
        chunks.push(chunk);
        size += chunk.length;
        this.buffered += chunk.length;
        if (size > MAX_BODY_BYTES) settle(() => reject(tooLarge("more")));
        else if (this.buffered > MAX_BUFFERED_BYTES) {
          const message = "too many large requests at one time: try again";
          settle(() => reject(new BodyError(503, message)));
        }
      };
      const onEnd = (): void => settle(() => resolve(joined(chunks, size)));
      const onError = (error: Error): void => settle(() => reject(error));
      const onClose = (): void => onError(new Error("the client hung up"));
      request.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
    });
  }
}

function joined(chunks: readonly Buffer[], size: number): Buffer {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

function isGzip(request: IncomingMessage): boolean {
  return String(request.headers["content-encoding"] ?? "").includes("gzip");
}

async function unpack(body: Buffer): Promise<Buffer> {
  let unpacked: Buffer;
  try {
    unpacked = await gunzipAsync(body, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(`more than ${MAX_UNPACKED_BYTES} unpacked`);
    throw new DecodeError("Cannot gunzip spans");
  }
  if (unpacked.length === 0) throw new DecodeError("Cannot gunzip spans");
  return unpacked;
}

function tooLarge(received: string): BodyError {
  return new BodyError(
    413,
    `body too large: received ${received}, allowed are ${MAX_BODY_BYTES} bytes`,
  );
}
