/** Reads the bytes of a connection as requests, one after the other: a head, its body, and then no further until `next`. */
import { ChunkedDecoder, type ChunkedSink } from "./chunked-decoder.ts";
import { HeadReader } from "./head-reader.ts";
import type { HeadError } from "./header-syntax.ts";
import type { RefusalDetails } from "./refusal.ts";
import { parseRequestHead, type RequestHead, type RequestHeadLimits } from "./request-head.ts";
import { startsMethod } from "./request-target.ts";

export interface RequestSink {
  /** Something of a head is there, but not all of it. */
  onHeadPending(): void;
  onHead(head: RequestHead): void;
  /** No request. `lines` are those of a head in which only the host is missing. */
  onBadHead(details: RefusalDetails, http10: boolean, lines: string[] | undefined): void;
  onBody(data: Buffer, isLast: boolean): void;
  onTrailers(lines: string[]): void;
  /** A body that is none. */
  onBadBody(error: HeadError): void;
  /** The request is whole. */
  onRequestEnd(): void;
}

export interface RequestReaderLimits extends RequestHeadLimits {
  readonly maxRequestHeadersBytes: number;
}

/** What the next bytes are. */
type Reading = "head" | "length" | "chunked" | "raw" | "next request" | "nothing";

export class RequestReader implements ChunkedSink {
  readonly #limits: RequestReaderLimits;
  readonly #sink: RequestSink;
  readonly #head: HeadReader;
  #reading: Reading = "head";
  /** Something came since the last request, be it a line end. */
  #headBegun = false;
  #remaining = 0;
  #chunks: ChunkedDecoder | undefined;
  #chunksEnded = false;

  constructor(limits: RequestReaderLimits, sink: RequestSink) {
    this.#limits = limits;
    this.#sink = sink;
    this.#head = new HeadReader(limits.maxRequestHeadersBytes);
  }

  /** Between two requests. */
  get isAtHead(): boolean {
    return this.#reading === "head";
  }

  get isWithinHead(): boolean {
    return this.#reading === "head" && this.#headBegun;
  }

  /** A line end does not make a request. */
  get isBetweenRequests(): boolean {
    return this.#reading === "head" && !this.#head.isPartial;
  }

  /** The request is whole; what follows has to wait for `next`. */
  get awaitsNext(): boolean {
    return this.#reading === "next request";
  }

  next(): void {
    this.#reading = "head";
  }

  /** Takes no notice of anything from here on. */
  stop(): void {
    this.#reading = "nothing";
  }

  /** Returns how much of it was read: all, unless a request ends within. */
  read(input: Buffer): number {
    let position = 0;
    while (position < input.length) {
      switch (this.#reading) {
        case "head":
          position = this.#readHead(input, position);
          break;
        case "length": {
          const end = Math.min(input.length, position + this.#remaining);
          this.#remaining -= end - position;
          const data = input.subarray(position, end);
          position = end;
          this.#sink.onBody(data, this.#remaining === 0);
          if (this.#remaining === 0) this.#end();
          break;
        }
        case "chunked":
          position = this.#readChunks(input, position);
          break;
        case "raw":
          this.#sink.onBody(position === 0 ? input : input.subarray(position), false);
          return input.length;
        case "next request":
          return position;
        case "nothing":
          return input.length;
      }
    }
    return position;
  }

  onChunkData(data: Buffer): void {
    this.#sink.onBody(data, false);
  }

  onChunkedEnd(trailers: string[]): void {
    this.#chunksEnded = true;
    this.#sink.onTrailers(trailers);
  }

  #readHead(input: Buffer, from: number): number {
    let position = from;
    if (!this.#head.isPartial) {
      this.#headBegun = true;
      while (input[position] === 0x0d || input[position] === 0x0a) position += 1;
      if (position === input.length) {
        this.#sink.onHeadPending();
        return position;
      }
      if (!startsMethod(input[position] as number))
        return this.#refuse(input, "http1.codec_error", false, undefined);
    }
    const end = this.#head.read(input, position);
    if (end === "too large")
      return this.#refuse(input, "http1.headers_too_large", false, undefined);
    if (end === "more") {
      this.#sink.onHeadPending();
      return input.length;
    }
    const head = parseRequestHead(this.#head.text, this.#limits);
    if ("refused" in head) return this.#refuse(input, head.refused, head.http10, head.lines);
    this.#begin(head);
    return end;
  }

  #refuse(
    input: Buffer,
    details: RefusalDetails,
    http10: boolean,
    lines: string[] | undefined,
  ): number {
    this.#sink.onBadHead(details, http10, lines);
    return input.length;
  }

  #begin(head: RequestHead): void {
    this.#headBegun = false;
    switch (head.body.kind) {
      case "none":
        this.#reading = "next request";
        break;
      case "length":
        this.#reading = "length";
        this.#remaining = head.body.bytes;
        break;
      case "chunked":
        this.#reading = "chunked";
        this.#chunksEnded = false;
        this.#chunks = new ChunkedDecoder(this.#limits.maxRequestHeadersBytes);
        break;
      case "raw":
        this.#reading = "raw";
        break;
    }
    this.#sink.onHead(head);
  }

  #readChunks(input: Buffer, from: number): number {
    const end = this.#chunks?.decode(input, from, this) ?? input.length;
    if (typeof end === "string") {
      this.#sink.onBadBody(end);
      return input.length;
    }
    if (this.#chunksEnded) this.#end();
    return end;
  }

  #end(): void {
    this.#chunks = undefined;
    if (this.#reading === "nothing") return;
    this.#reading = "next request";
    this.#sink.onRequestEnd();
  }
}
