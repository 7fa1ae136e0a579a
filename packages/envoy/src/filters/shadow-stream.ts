/** A copy of a request on its way to another cluster. Nobody waits for the response: it is counted, and it ends the span. */
import type { LocalReply } from "../connection-manager/local-reply.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { nowMicros } from "../time/clock.ts";
import { finalizeUpstreamSpan } from "../tracing/finalize-span.ts";
import type { Span } from "../tracing/tracer.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { Forwarding } from "./forwarding.ts";
import type { ForwardingSettings, ForwardingStream } from "./forwarding-plan.ts";
import { prepareOwnForwarding } from "./own-forwarding.ts";
import { OwnStream } from "./own-stream.ts";
import { plainTags } from "./plain-action.ts";
import type { BodySource } from "./request-body.ts";

export class ShadowStream extends OwnStream {
  /** The copy's, not that of an attempt. */
  readonly #ownSpan: Span;
  readonly #source: BodySource;
  #forwarding: Forwarding | undefined;
  #pausing = false;
  #canceled = false;
  #over = false;

  /** `original`: the request's own stream. `source`: made to wait while the copy cannot go out. */
  constructor(original: ForwardingStream, headers: HeaderMap, span: Span, source: BodySource) {
    super(original, headers);
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
    this.info.responseCode = this.isGrpc ? 200 : status;
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
