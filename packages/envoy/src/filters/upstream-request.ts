/** One try of a request at one endpoint. */
import type { HeaderMap } from "../http/header-map.ts";
import { ResponseFlags } from "../http/response-flags.ts";
import type {
  ConnectionPool,
  PoolFailureReason,
  ResetReason,
  UpstreamReceiver,
  UpstreamStream,
} from "../http/stream.ts";
import type { UpstreamInfo } from "../http/stream-info.ts";
import { nowMicros } from "../time/clock.ts";
import { tagGrpcResponse } from "../tracing/finalize-span.ts";
import type { Span } from "../tracing/tracer.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { Host } from "../upstream/host.ts";
import type { RequestBody } from "./request-body.ts";
import { type TryLimits, TryTimers, type TryTimersOwner } from "./try-timers.ts";
import type { FailureReason } from "./upstream-failures.ts";

/** The router, as its tries see it. */
export interface UpstreamRequestOwner {
  readonly requestHeaders: HeaderMap;
  readonly body: RequestBody;
  /** Last changes of the headers, with the endpoint known. */
  beforeSend(request: UpstreamRequest): void;
  onUpstreamInformational(headers: HeaderMap): void;
  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void;
  onUpstreamData(request: UpstreamRequest, chunk: Buffer, endStream: boolean): void;
  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void;
  onUpstreamFailure(
    request: UpstreamRequest,
    reason: FailureReason,
    details: string | undefined,
  ): void;
  onPerTryTimeout(request: UpstreamRequest): void;
  /** The connection takes no more for now, or takes again. */
  onUpstreamWritable(writable: boolean): void;
}

export class UpstreamRequest implements UpstreamReceiver, TryTimersOwner {
  readonly attempt: number;
  readonly cluster: Cluster;
  readonly host: Host;
  readonly info: UpstreamInfo;
  readonly flags: ResponseFlags = new ResponseFlags();
  /** Undefined: attempts have no spans. */
  span: Span | undefined;
  status: number | undefined;
  responseTrailers: HeaderMap | undefined;
  headersOnly = false;
  /** A 1xx answer came. */
  informed = false;
  canceled = false;
  failure: FailureReason | undefined;
  /** All of the request has been handed to the codec. */
  sentAll = false;
  /** The response's end has been seen. */
  ended = false;

  readonly #owner: UpstreamRequestOwner;
  readonly #timers: TryTimers | undefined;
  #stream: UpstreamStream | undefined;
  #waiting: { cancel(): void } | undefined;
  #over = false;

  constructor(
    owner: UpstreamRequestOwner,
    cluster: Cluster,
    host: Host,
    attempt: number,
    limits: TryLimits,
  ) {
    this.#owner = owner;
    this.cluster = cluster;
    this.host = host;
    this.attempt = attempt;
    if (limits.perTry > 0 || limits.perTryIdle > 0) this.#timers = new TryTimers(this, limits);
    this.info = {
      cluster: cluster.name,
      clusterStatName: cluster.statName,
      host: host.identity,
      attemptCount: attempt,
      timing: {},
    };
  }

  start(pool: ConnectionPool): void {
    this.info.timing.poolAsked = nowMicros();
    const waiting = pool.newStream(this);
    if (this.#stream === undefined && !this.#over) this.#waiting = waiting;
  }

  get isReady(): boolean {
    return this.#stream !== undefined && !this.#over;
  }

  /** The request had begun to go out. */
  get isSent(): boolean {
    return this.info.timing.firstUpstreamTxByteSent !== undefined;
  }

  // --- to the endpoint ------------------------------------------------------------------------------------------------------------------

  onPoolReady(stream: UpstreamStream): void {
    if (this.#over) {
      stream.reset("local reset");
      return;
    }
    this.#waiting = undefined;
    this.#stream = stream;
    const { info } = this;
    const owner = this.#owner;
    info.timing.poolAnswered = nowMicros();
    info.protocol = stream.protocol;
    info.connection = stream.connection;
    owner.beforeSend(this);
    const { complete, isEmpty, trailers } = owner.body;
    const ends = complete && isEmpty && trailers === undefined;
    info.timing.firstUpstreamTxByteSent = nowMicros();
    stream.encodeHeaders(owner.requestHeaders, ends);
    if (owner.body.complete) this.requestComplete();
    if (ends || this.#over) return;
    owner.onUpstreamWritable(owner.body.isEmpty || owner.body.sendTo(stream));
  }

  encodeData(chunk: Buffer, endStream: boolean): void {
    const stream = this.#stream;
    if (stream === undefined || this.#over) return;
    if (!stream.encodeData(chunk, endStream)) this.#owner.onUpstreamWritable(false);
    if (endStream) this.requestComplete();
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.#over) return;
    this.#stream?.encodeTrailers(trailers);
    this.requestComplete();
  }

  /** The limit of a try counts from when all of the request is there. */
  requestComplete(): void {
    if (this.#stream === undefined || this.sentAll || this.#over) return;
    this.sentAll = true;
    this.info.timing.lastUpstreamTxByteSent = nowMicros();
    this.#timers?.requestSent();
  }

  pauseReading(): void {
    this.#stream?.pauseReading();
  }

  resumeReading(): void {
    this.#stream?.resumeReading();
  }

  // --- from the endpoint ----------------------------------------------------------------------------------------------------------------

  onInformational(headers: HeaderMap): void {
    if (this.#over) return;
    this.informed = true;
    this.#owner.onUpstreamInformational(headers);
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.#over) return;
    this.#timers?.responseStarted();
    this.info.timing.firstUpstreamRxByteReceived = nowMicros();
    this.status = Number(headers.get(":status"));
    if (this.span?.isRecording) tagGrpcResponse(this.span, headers);
    if (this.status >= 500) this.host.stats.rqError++;
    else this.host.stats.rqSuccess++;
    this.headersOnly = endStream;
    if (endStream) this.#end();
    this.#owner.onUpstreamHeaders(this, headers, endStream);
  }

  onData(chunk: Buffer, endStream: boolean): void {
    if (this.#over) return;
    this.#timers?.touch();
    this.info.timing.firstUpstreamRxBodyReceived ??= nowMicros();
    if (endStream) this.#end();
    this.#owner.onUpstreamData(this, chunk, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    if (this.#over) return;
    this.responseTrailers = trailers;
    if (this.span?.isRecording) tagGrpcResponse(this.span, trailers);
    this.#end();
    this.#owner.onUpstreamTrailers(this, trailers);
  }

  onReset(reason: ResetReason, details?: string): void {
    if (this.#over) return;
    if (this.#stream?.protocol === "HTTP/2") this.#countReset(reason);
    this.#fail(reason, details);
  }

  onPoolFailure(reason: PoolFailureReason, details?: string): void {
    if (this.#over) return;
    this.#waiting = undefined;
    const { info } = this;
    info.timing.poolAnswered = nowMicros();
    switch (reason) {
      case "active overflow":
        this.#fail("overflow", details);
        return;
      case "overflow":
        // Turned away before an endpoint had anything to do with it.
        delete info.host;
        break;
      default:
        if (details !== undefined) info.transportFailureReason = details;
    }
    this.#fail(reason, details);
  }

  onDrain(): void {
    if (!this.#over) this.#owner.onUpstreamWritable(true);
  }

  /** HTTP/1 has no resets of single requests. */
  #countReset(reason: ResetReason): void {
    const { stats } = this.cluster;
    if (reason === "remote reset") stats.rqRxReset.inc();
    else if (reason === "protocol error") stats.rqTxReset.inc();
    else if (reason === "connection termination") stats.rqPendingFailureEject.inc();
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  /** Given up from this side. */
  cancel(): void {
    if (this.#over) return;
    this.canceled = true;
    if (this.#stream?.protocol === "HTTP/2") this.cluster.stats.rqTxReset.inc();
    this.#stop();
  }

  /** No more calls to the owner; a stream that is still open is reset. */
  #stop(): void {
    this.#waiting?.cancel();
    const stream = this.#stream;
    this.#close();
    stream?.reset("local reset");
  }

  /** The response is whole; a request that is still going out is cut. */
  #end(): void {
    this.ended = true;
    this.info.timing.lastUpstreamRxByteReceived = nowMicros();
    const stream = this.#stream;
    const complete = this.sentAll;
    this.#close();
    if (!complete) stream?.reset("local reset");
  }

  #fail(reason: FailureReason, details: string | undefined): void {
    this.failure = reason;
    this.host.stats.rqError++;
    this.#close();
    this.#owner.onUpstreamFailure(this, reason, details);
  }

  #close(): void {
    this.#over = true;
    this.#timers?.stop();
  }

  timedOut(): void {
    if (!this.#over) this.#owner.onPerTryTimeout(this);
  }
}
