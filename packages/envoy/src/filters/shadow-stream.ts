/** A copy of a request on its way to another cluster. Nobody waits for the response: it is counted, and it ends the span. */
import type { LocalReply } from "../connection-manager/local-reply.ts";
import { RequestInfo } from "../connection-manager/request-info.ts";
import { isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { nowMicros } from "../time/clock.ts";
import { finalizeUpstreamSpan, type SpanTagOptions } from "../tracing/finalize-span.ts";
import { nullSpan } from "../tracing/null-span.ts";
import type { Span } from "../tracing/tracer.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { Forwarding } from "./forwarding.ts";
import type { ForwardingSettings, ForwardingStream } from "./forwarding-plan.ts";
import { prepareOwnForwarding } from "./own-forwarding.ts";
import { plainTags } from "./plain-action.ts";
import type { BodySource } from "./request-body.ts";

export class ShadowStream implements ForwardingStream {
  readonly info: StreamInfo;
  readonly headers: HeaderMap;
  /** The copy's span is the stream's own; attempts have none. */
  readonly span: Span = nullSpan;
  readonly spanTags: SpanTagOptions = plainTags;
  readonly spawnsUpstreamSpans = false;
  readonly upgrade = undefined;
  readonly internal = true;
  readonly random: number;
  readonly bufferLimitBytes: number;
  responseStarted = false;

  readonly #ownSpan: Span;
  readonly #source: BodySource;
  #forwarding: Forwarding | undefined;
  #pausing = false;
  #canceled = false;
  #over = false;

  /** `original`: the request's own stream. `source`: made to wait while the copy cannot go out. */
  constructor(original: ForwardingStream, headers: HeaderMap, span: Span, source: BodySource) {
    this.headers = headers;
    this.random = original.random;
    this.bufferLimitBytes = original.bufferLimitBytes;
    // Envoy calls the protocol of such streams HTTP/1.1, whatever the connections speak.
    this.info = new RequestInfo(original.info.connection, "HTTP/1.1", headers, nowMicros());
    this.#ownSpan = span;
    this.#source = source;
  }

  start(
    cluster: Cluster,
    timeoutMs: number,
    settings: ForwardingSettings,
    requestComplete: boolean,
  ): void {
    const own = prepareOwnForwarding(this, settings, cluster, timeoutMs, requestComplete);
    if (own === undefined) return;
    this.#forwarding = own.forwarding;
    this.#forwarding.start(own.host);
  }

  sendData(chunk: Buffer, endStream: boolean): void {
    if (!this.#over) this.#forwarding?.sendData(chunk, endStream);
  }

  sendTrailers(trailers: HeaderMap): void {
    if (!this.#over) this.#forwarding?.sendTrailers(trailers);
  }

  /** The request it is a copy of was given up. */
  cancel(): void {
    if (this.#over) return;
    this.#canceled = true;
    this.#finish();
  }

  pauseReading(): void {
    this.#pausing = true;
    this.#source.pauseReading();
  }

  resumeReading(): void {
    this.#pausing = false;
    this.#source.resumeReading();
  }

  // --- the response, of which only the status matters -----------------------------------------------------------------------------------

  encodeInformational(): void {}

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    this.responseStarted = true;
    this.info.responseCode = Number(headers.get(":status"));
    if (endStream) this.#finish();
  }

  encodeData(_chunk: Buffer, endStream: boolean): boolean {
    if (endStream) this.#finish();
    return true;
  }

  encodeTrailers(): void {
    this.#finish();
  }

  sendLocalReply({ status }: LocalReply): void {
    if (this.responseStarted) {
      this.#ownSpan.setTag("error.reason", "Reset");
      this.#finish();
      return;
    }
    const isGrpc = isGrpcContentType(this.headers.get("content-type"));
    this.info.responseCode = isGrpc ? 200 : status;
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#forwarding?.close();
    if (this.#pausing) this.resumeReading();
    const { info } = this;
    if (info.upstream === undefined || info.protocol === undefined) return;
    const attempt = {
      upstream: { ...info.upstream, protocol: info.protocol },
      responseCode: info.responseCode,
      flags: info.flags,
      retryCount: 0,
      canceled: this.#canceled,
      resetReason: undefined,
      headersOnly: false,
    };
    finalizeUpstreamSpan(this.#ownSpan, info, attempt, plainTags, nowMicros());
  }
}
