/** The way out: a response passes the filters, gets the proxy's own headers and goes to the codec. */
import type { HttpFilter, ResponseSink } from "../filters/filter.ts";
import { responseChain } from "../filters/response-chain.ts";
import { isGrpcRequest } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { DownstreamStream } from "../http/stream.ts";
import { nowMicros } from "../time/clock.ts";
import type { ActiveStream } from "./active-stream.ts";
import type { LocalReply } from "./local-reply.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { finishResponseHeaders } from "./response-headers.ts";

/** The 1xx answers that Envoy knows, of which the first one is passed on. */
const passedOn: ReadonlySet<number> = new Set([100, 102, 103, 104]);

export class ResponseSender implements ResponseSink {
  readonly #stream: ActiveStream;
  readonly #settings: ManagerSettings;
  readonly #codec: DownstreamStream;
  readonly #filters: readonly HttpFilter[];
  /** As the request came, whatever rules make of its headers later. */
  readonly #isGrpc: boolean;
  readonly #isHead: boolean;
  /** Undefined: no filter has a say in more than headers. */
  #chain: ResponseSink | undefined;
  #informed = false;

  constructor(
    stream: ActiveStream,
    settings: ManagerSettings,
    codec: DownstreamStream,
    filters: readonly HttpFilter[],
  ) {
    this.#stream = stream;
    this.#settings = settings;
    this.#codec = codec;
    this.#filters = filters;
    this.#isGrpc = isGrpcRequest(stream.headers);
    this.#isHead = stream.headers.get(":method") === "HEAD";
  }

  /** Once the filters of the request are there. */
  joinFilters(): void {
    this.#chain = responseChain(this.#filters, () => ({
      headers: (headers, endStream) => this.#sendHeaders(headers, endStream),
      data: (chunk, endStream) => this.#sendData(chunk, endStream),
      trailers: (trailers) => this.#sendTrailers(trailers),
    }));
  }

  informational(headers: HeaderMap): void {
    if (this.#informed || !this.#settings.proxy100Continue) return;
    const status = Number(headers.get(":status"));
    if (!passedOn.has(status)) return;
    this.#informed = true;
    this.#settings.stats.countStatus(status);
    this.#codec.encodeInformational(headers);
  }

  /** An answer of the proxy's own. */
  localReply(reply: LocalReply): void {
    const stream = this.#stream;
    const { stats, localReplies } = this.#settings;
    const isHttp2 = stream.info.protocol === "HTTP/2";
    if (reply.closes === true && !isHttp2) this.#codec.closeAfterResponse();
    stats.countDetails(reply.details);
    // The end of an HTTP/1 request comes after its last bytes, and so after this answer.
    if (reply.details === "request_payload_too_large" && stream.requestComplete && !isHttp2)
      stats.remoteReset.inc();
    // Or as a filter made it.
    const isGrpc = this.#isGrpc || isGrpcRequest(stream.headers);
    const { headers, body } = localReplies.build(stream, reply, isGrpc, this.#isHead);
    this.headers(headers, body === undefined);
    if (body !== undefined) stream.encodeData(body, true);
  }

  headers(headers: HeaderMap, endStream: boolean): void {
    if (this.#chain !== undefined) {
      this.#chain.headers(headers, endStream);
      return;
    }
    for (let i = this.#filters.length - 1; i >= 0; i--) this.#filters[i]?.encodeHeaders?.(headers);
    this.#sendHeaders(headers, endStream);
  }

  /** False: the client is to be waited for. */
  data(chunk: Buffer, endStream: boolean): boolean {
    return this.#chain === undefined
      ? this.#sendData(chunk, endStream)
      : this.#chain.data(chunk, endStream);
  }

  trailers(trailers: HeaderMap): void {
    if (this.#chain === undefined) this.#sendTrailers(trailers);
    else this.#chain.trailers(trailers);
  }

  #sendHeaders(headers: HeaderMap, endStream: boolean): void {
    const stream = this.#stream;
    if (stream.isOver) return;
    const { info } = stream;
    const settings = this.#settings;
    const status = Number(headers.get(":status"));
    const upgraded = this.#isUpgradedBy(status);
    const { responseHeaders, date } = settings;
    finishResponseHeaders(headers, stream.headers, responseHeaders, date, upgraded);
    // The rest of the request would be taken for the next one.
    if (!stream.requestComplete && !upgraded && info.protocol !== "HTTP/2")
      headers.add("connection", "close");
    settings.tracing?.finishResponse(stream, headers);
    stream.responseStarted = true;
    info.responseCode = status;
    info.responseHeaders = headers;
    info.firstDownstreamTxByteSent = nowMicros();
    if (!info.healthCheck) settings.stats.countStatus(status);
    if (settings.isDraining()) this.#codec.closeAfterResponse();
    this.#codec.encodeHeaders(headers, endStream);
    if (endStream) stream.onResponseSent();
  }

  #isUpgradedBy(status: number): boolean {
    if (status === 101) return this.#stream.upgrade !== undefined;
    return status >= 200 && status < 300 && this.#stream.headers.get(":method") === "CONNECT";
  }

  #sendData(chunk: Buffer, endStream: boolean): boolean {
    if (this.#stream.isOver) return true;
    this.#stream.info.bytesSent += chunk.length;
    const writable = this.#codec.encodeData(chunk, endStream);
    if (endStream) this.#stream.onResponseSent();
    return writable;
  }

  #sendTrailers(trailers: HeaderMap): void {
    if (this.#stream.isOver) return;
    this.#stream.info.responseTrailers = trailers;
    this.#codec.encodeTrailers(trailers);
    this.#stream.onResponseSent();
  }
}
