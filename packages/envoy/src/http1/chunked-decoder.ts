import { type HeadError, inspectHead, parseHeaderLines } from "./header-syntax.ts";

/** What the decoder found, in order. */
export interface ChunkedSink {
  onChunkData(data: Buffer): void;
  /** The whole message has been read; `trailers` is empty when none were sent. */
  onChunkedEnd(trailers: string[]): void;
}

type State = "size" | "size-end" | "extension" | "line-feed" | "data" | "data-end" | "trailers";

/**
 * Chunked transfer coding (RFC 9112 7.1) with the leniency of Envoy's parser: extensions are skipped, what stands between a chunk's
 * data and its line feed is ignored, but a size line must end with CR LF.
 */
export class ChunkedDecoder {
  #state: State = "size";
  #size = 0;
  #digits = 0;
  #significantDigits = 0;
  #remaining = 0;
  #trailerText = "";

  readonly #maxTrailerBytes: number;

  constructor(maxTrailerBytes: number) {
    this.#maxTrailerBytes = maxTrailerBytes;
  }

  /** Reads `input` from `from`; returns where it stopped (the end of the message or of the input), or why it cannot go on. */
  decode(input: Buffer, from: number, sink: ChunkedSink): number | HeadError {
    let position = from;
    while (position < input.length) {
      switch (this.#state) {
        case "data": {
          const end = Math.min(input.length, position + this.#remaining);
          this.#remaining -= end - position;
          if (this.#remaining === 0) this.#state = "data-end";
          const data = input.subarray(position, end);
          position = end;
          sink.onChunkData(data);
          break;
        }
        case "data-end": {
          const lineFeed = input.indexOf(0x0a, position);
          if (lineFeed === -1) return input.length;
          position = lineFeed + 1;
          this.#state = "size";
          break;
        }
        case "trailers": {
          const end = this.#readTrailers(input, position, sink);
          if (end !== undefined) return end;
          position = input.length;
          break;
        }
        default: {
          if (!this.#sizeByte(input[position] as number)) return "http1.codec_error";
          position += 1;
        }
      }
    }
    return position;
  }

  #sizeByte(byte: number): boolean {
    switch (this.#state) {
      case "size":
        return this.#sizeDigit(byte);
      case "size-end":
      case "extension":
        if (byte === 0x0a) return false;
        if (byte === 0x0d) this.#state = "line-feed";
        else if (byte === 0x3b) this.#state = "extension";
        else if (this.#state === "size-end" && byte !== 0x20 && byte !== 0x09) return false;
        return true;
      case "line-feed":
        if (byte !== 0x0a) return false;
        this.#sizeDone();
        return true;
      default:
        return false;
    }
  }

  #sizeDigit(byte: number): boolean {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      // Beyond 2^53 the number is inexact, which no transfer reaches; 64 bits is where Envoy draws the line.
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
      if (this.#size !== 0) this.#significantDigits += 1;
      return this.#significantDigits <= 16;
    }
    if (this.#digits === 0) return false;
    this.#state = "size-end";
    return this.#sizeByte(byte);
  }

  #sizeDone(): void {
    this.#state = this.#size === 0 ? "trailers" : "data";
    this.#remaining = this.#size;
    this.#size = 0;
    this.#digits = 0;
    this.#significantDigits = 0;
  }

  /** Where the message ends, why it is refused, or undefined for more. */
  #readTrailers(input: Buffer, from: number, sink: ChunkedSink): number | HeadError | undefined {
    let position = from;
    for (; position < input.length; position += 1) {
      const byte = input[position] as number;
      this.#trailerText += String.fromCharCode(byte);
      if (this.#trailerText.length > this.#maxTrailerBytes) return "http1.headers_too_large";
      if (byte !== 0x0a || !/(^|\n)\r?\n$/.test(this.#trailerText.slice(-3))) continue;
      return this.#endTrailers(sink) ?? position + 1;
    }
    return undefined;
  }

  #endTrailers(sink: ChunkedSink): HeadError | undefined {
    const text = this.#trailerText;
    this.#trailerText = "";
    const trailers: string[] = [];
    if (text.length > 2) {
      const inspected = inspectHead(text);
      if (inspected === "http1.invalid_characters") return inspected;
      const error = parseHeaderLines(text, 0, trailers, inspected === "unusual");
      if (error !== undefined) return error;
    }
    this.#state = "size";
    sink.onChunkedEnd(trailers);
    return undefined;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
