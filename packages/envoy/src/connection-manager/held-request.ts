/** What arrives while a filter holds a request up. */
import type { HeaderMap } from "../http/header-map.ts";

export type HeldPart =
  | { readonly kind: "data"; readonly chunk: Buffer; readonly endStream: boolean }
  | { readonly kind: "trailers"; readonly trailers: HeaderMap };

export class HeldRequest {
  readonly #parts: HeldPart[] = [];
  bytes = 0;

  addData(chunk: Buffer, endStream: boolean): void {
    this.bytes += chunk.length;
    this.#parts.push({ kind: "data", chunk, endStream });
  }

  prepend(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#parts.unshift({ kind: "data", chunk, endStream: false });
  }

  addTrailers(trailers: HeaderMap): void {
    this.#parts.push({ kind: "trailers", trailers });
  }

  take(): HeldPart | undefined {
    const part = this.#parts.shift();
    if (part?.kind === "data") this.bytes -= part.chunk.length;
    return part;
  }

  get hasParts(): boolean {
    return this.#parts.length > 0;
  }
}
