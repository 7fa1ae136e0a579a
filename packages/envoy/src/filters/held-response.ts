/** A response that a filter keeps back until it knows what to make of the headers. */
import { isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { FilterStream, ResponseSink } from "./filter.ts";
import { responseTooLarge } from "./payload-too-large.ts";

export class HeldResponse {
  readonly #stream: FilterStream;
  readonly #next: ResponseSink;
  readonly #chunks: Buffer[] = [];
  headers: HeaderMap | undefined;
  bytes = 0;
  #refused = false;

  constructor(stream: FilterStream, next: ResponseSink) {
    this.#stream = stream;
    this.#next = next;
  }

  get isHolding(): boolean {
    return this.headers !== undefined || this.#refused;
  }

  start(headers: HeaderMap): void {
    this.headers = headers;
  }

  /** Beyond the listener's buffer limit the client gets a 500 instead. */
  add(chunk: Buffer): boolean {
    if (this.#refused) return true;
    this.bytes += chunk.length;
    this.#chunks.push(chunk);
    if (this.bytes <= this.#stream.bufferLimitBytes) return true;
    this.#refused = true;
    this.headers = undefined;
    const isGrpc = isGrpcContentType(this.#stream.headers.get("content-type"));
    const { headers, body } = responseTooLarge(isGrpc);
    this.#stream.info.responseCodeDetails = "response_payload_too_large";
    this.#next.headers(headers, body === undefined);
    if (body !== undefined) this.#next.data(body, true);
    return true;
  }

  /** Sends what was kept; with a last chunk that ends the response. */
  release(last?: Buffer): boolean {
    const { headers } = this;
    if (headers === undefined) return true;
    this.headers = undefined;
    this.#next.headers(headers, false);
    for (const chunk of this.#chunks.splice(0)) this.#next.data(chunk, false);
    return last === undefined || this.#next.data(last, true);
  }
}
