/**
 * One request from its head to its end: headers are put in order, a route is found, the span starts, then the filters have it. On the
 * way back the response passes the filters in reverse, gets the proxy's headers and goes to the codec. (Envoy's ActiveStream.)
 */
import type { PerFilterConfig } from "../config/http-filter.ts";
import type { FilterStream, HttpFilter, ResponseSink } from "../filters/filter.ts";
import { responseChain } from "../filters/response-chain.ts";
import { isGrpcContentType, parseGrpcTimeoutMs } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { inlineRequestHeaders, joinInlineHeaders } from "../http/inline-headers.ts";
import type { DownstreamStream, ResetReason, StreamReceiver } from "../http/stream.ts";
import type { RouteResult } from "../routing/route-table.ts";
import { nowMicros } from "../time/clock.ts";
import { defaultMaxPathTagLength, type SpanTagOptions } from "../tracing/finalize-span.ts";
import { nullSpan } from "../tracing/null-span.ts";
import type { Span } from "../tracing/tracer.ts";
import { removeNominatedHeaders, requestedUpgrade } from "./connection-header.ts";
import { HeldRequest } from "./held-request.ts";
import type { LocalReply } from "./local-reply.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { normalisePath } from "./path-normalisation.ts";
import { prepareRequestHeaders } from "./request-headers.ts";
import { RequestInfo } from "./request-info.ts";
import { finishResponseHeaders } from "./response-headers.ts";
import { type StreamTimerEvents, StreamTimers } from "./stream-timers.ts";

const noSpanTags: SpanTagOptions = {
  customTags: [],
  maxPathTagLength: defaultMaxPathTagLength,
  verbose: false,
};
const noRoute: RouteResult = { kind: "none" };

export class ActiveStream implements StreamReceiver, FilterStream, StreamTimerEvents {
  readonly info: RequestInfo;
  readonly headers: HeaderMap;
  readonly random: number;
  route: RouteResult = noRoute;
  span: Span = nullSpan;
  spanTags: SpanTagOptions = noSpanTags;
  /** The decorator's operation, as far as it is to be told to others. */
  decoratedOperation: string | undefined;
  internal = false;
  upgrade: string | undefined;
  requestComplete: boolean;
  responseStarted = false;

  readonly #settings: ManagerSettings;
  readonly #codec: DownstreamStream;
  readonly #timers: StreamTimers;
  readonly #filters: HttpFilter[] = [];
  /** The filter that holds the request up, none: -1. */
  #stoppedAt = -1;
  #held: HeldRequest | undefined;
  /** Undefined: no filter has a say in more than headers. */
  #response: ResponseSink | undefined;
  #paused = false;
  #over = false;

  constructor(
    settings: ManagerSettings,
    codec: DownstreamStream,
    headers: HeaderMap,
    endStream: boolean,
  ) {
    this.#settings = settings;
    this.#codec = codec;
    this.headers = headers;
    this.requestComplete = endStream;
    this.random = settings.random();
    this.info = new RequestInfo(codec.connection, codec.protocol, headers, nowMicros());
    this.#timers = new StreamTimers(this);
    if (endStream) this.info.lastDownstreamRxByteReceived = this.info.startTimeMicros;
  }

  // --- the request comes in ---------------------------------------------------------------------------------------------------------

  start(): void {
    const { headers, info } = this;
    const settings = this.#settings;
    settings.stats.requestStarted(info.protocol);
    this.#timers.setIdleTimeout(settings.streamIdleTimeoutMs);
    if (!this.requestComplete) this.#timers.startRequestTimeout(settings.requestTimeoutMs);
    joinInlineHeaders(headers, inlineRequestHeaders);
    if (!removeNominatedHeaders(headers)) {
      this.#refuse(400, "Bad Request", "http1.connection_header_rejected");
      return;
    }
    if (settings.underscores !== "ALLOW" && !this.#checkUnderscores()) return;
    const upgrade = requestedUpgrade(headers);
    if (!this.#checkPath()) return;
    settings.hostRewrite?.(headers);
    const origin = prepareRequestHeaders(
      headers,
      info.connection,
      settings.requestHeaders,
      upgrade,
    );
    this.internal = origin.internal;
    info.downstreamRemoteAddress = {
      address: origin.remoteAddress,
      port: origin.forwarded ? 0 : info.connection.remotePort,
    };
    this.route = settings.routes.find(headers, this.random, origin.internal);
    this.#noteRoute();
    this.#createFilters();
    // The health_check filter recognises its requests before they could be traced.
    settings.tracing?.start(this);
    if (upgrade !== undefined && !this.#allowUpgrade(upgrade)) {
      this.#refuse(403, "", "upgrade_failed");
      return;
    }
    this.#decodeHeadersFrom(0);
  }

  /** False: it was refused here. */
  #checkUnderscores(): boolean {
    const { headers } = this;
    const names = headers.lines.filter((name, i) => i % 2 === 0 && name.includes("_"));
    if (names.length === 0) return true;
    if (this.#settings.underscores === "REJECT_REQUEST") {
      this.#refuse(400, "Bad Request", "http1.unexpected_underscore");
      return false;
    }
    for (const name of names) headers.remove(name);
    return true;
  }

  /** False: it was answered here. */
  #checkPath(): boolean {
    const target = this.headers.get(":path");
    if (target === undefined || target === "*") return true;
    if (target.includes("#")) {
      this.#refuse(400, "", "path_normalization_failed");
      return false;
    }
    const normalised = normalisePath(target, this.#settings.path);
    if (normalised.kind === "reject") {
      this.#refuse(400, "", "path_normalization_failed");
      return false;
    }
    if (normalised.target !== target) this.headers.set(":path", normalised.target);
    if (normalised.kind === "continue") return true;
    this.sendLocalReply({
      status: 307,
      body: "",
      details: "path_normalization_failed",
      changeHeaders: (headers) => headers.add("location", normalised.target),
    });
    return false;
  }

  #noteRoute(): void {
    if (this.route.kind !== "route") return;
    const { entry } = this.route;
    const { info } = this;
    info.routeName = entry.name;
    info.virtualHostName = entry.virtualHostName;
    if (entry.metadata !== undefined) info.routeMetadata = entry.metadata.filterMetadata;
    if (entry.action.kind !== "forward") return;
    const cluster = entry.action.cluster;
    // Known before the router gets there: filters that answer by themselves count for the cluster too.
    const clusterStatName = cluster && this.#settings.clusterStatName(cluster);
    if (cluster !== undefined && clusterStatName !== undefined)
      info.upstream = { cluster, clusterStatName, attemptCount: 0, timing: {} };
    const { idleTimeoutMs } = entry.action;
    if (idleTimeoutMs !== undefined) this.#timers.setIdleTimeout(idleTimeoutMs);
    const duration = this.#maxDurationMs();
    if (duration !== undefined) this.#timers.startMaxDuration(duration);
  }

  /** The gRPC client's own deadline where the route heeds it, else the route's limit, else the connection manager's. */
  #maxDurationMs(): number | undefined {
    if (this.route.kind !== "route" || this.route.entry.action.kind !== "forward") return undefined;
    const limits = this.route.entry.action.maxStreamDuration;
    const grpcMax = limits?.grpcTimeoutHeaderMaxMs;
    const asked =
      grpcMax === undefined ? undefined : parseGrpcTimeoutMs(this.headers.get("grpc-timeout"));
    if (grpcMax !== undefined && asked !== undefined) {
      const capped = grpcMax !== 0 ? Math.min(asked, grpcMax) : asked;
      const offset = limits?.grpcTimeoutHeaderOffsetMs ?? 0;
      return capped === 0 ? undefined : Math.max(0, capped - offset);
    }
    const ms = limits?.maxStreamDurationMs ?? this.#settings.maxStreamDurationMs ?? 0;
    return ms === 0 ? undefined : ms;
  }

  #allowUpgrade(asked: string): boolean {
    const type = asked.toLowerCase();
    const action = this.route.kind === "route" ? this.route.entry.action : undefined;
    const own = action?.kind === "forward" ? action.upgrades.get(type) : undefined;
    if (!(own ?? this.#settings.upgrades.get(type) ?? false)) return false;
    this.upgrade = type;
    this.requestComplete = false;
    return true;
  }

  #createFilters(): void {
    for (const factory of this.#settings.filters) {
      const filter = factory.create(this);
      this.#filters.push(filter);
    }
    this.#response = responseChain(this.#filters, () => ({
      headers: (headers, endStream) => this.#sendHeaders(headers, endStream),
      data: (chunk, endStream) => this.#sendData(chunk, endStream),
      trailers: (trailers) => this.#sendTrailers(trailers),
    }));
  }

  onData(chunk: Buffer, endStream: boolean): void {
    if (this.#over) return;
    this.#timers.touch();
    this.info.bytesReceived += chunk.length;
    if (endStream) this.#requestArrived();
    this.#decodeDataFrom(0, chunk, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    if (this.#over) return;
    this.#requestArrived();
    this.#decodeTrailersFrom(0, trailers);
  }

  onReset(reason: ResetReason, details?: string): void {
    if (this.#over) return;
    const { info } = this;
    if (reason === "protocol error") info.flags.add("DPE");
    else info.flags.add("DC");
    info.responseCodeDetails =
      details ?? info.responseCodeDetails ?? "downstream_remote_disconnect";
    this.#settings.stats.remoteReset.inc();
    this.#finish();
  }

  onDrain(): void {
    if (this.#over) return;
    this.#timers.touch();
    for (const filter of this.#filters) filter.onDownstreamDrain?.();
  }

  #requestArrived(): void {
    this.requestComplete = true;
    this.info.lastDownstreamRxByteReceived = nowMicros();
    this.#timers.requestArrived();
  }

  // --- filters, first to last ---------------------------------------------------------------------------------------------------------

  #decodeHeadersFrom(first: number): void {
    for (let i = first; i < this.#filters.length; i++) {
      if (this.#over) return;
      const endStream = this.requestComplete && this.#held?.hasParts !== true;
      const verdict = (this.#filters[i] as HttpFilter).decodeHeaders(this.headers, endStream);
      if (verdict !== "continue") {
        this.#stoppedAt = i;
        return;
      }
    }
    this.#stoppedAt = -1;
  }

  /** A filter that said "stop" may say "continue" to a later part: then everything held goes on. */
  #decodeDataFrom(first: number, chunk: Buffer, endStream: boolean): void {
    for (let i = first; i < this.#filters.length; i++) {
      const filter = this.#filters[i] as HttpFilter;
      const stopped = i === this.#stoppedAt;
      const otherwise = stopped ? "stop" : "continue";
      const verdict = filter.decodeData?.(chunk, endStream) ?? otherwise;
      if (this.#over) return;
      if (verdict === "continue" && !stopped) continue;
      this.#stoppedAt = i;
      this.#hold(chunk, endStream, filter.decodeData !== undefined && verdict !== "wait");
      if (verdict === "continue") this.continueDecoding();
      return;
    }
  }

  #decodeTrailersFrom(first: number, trailers: HeaderMap): void {
    for (let i = first; i < this.#filters.length; i++) {
      const stopped = i === this.#stoppedAt;
      const otherwise = stopped ? "stop" : "continue";
      const verdict = this.#filters[i]?.decodeTrailers?.(trailers) ?? otherwise;
      if (this.#over) return;
      if (verdict === "continue" && !stopped) continue;
      this.#stoppedAt = i;
      this.#held ??= new HeldRequest();
      this.#held.addTrailers(trailers);
      if (verdict === "continue") this.continueDecoding();
      return;
    }
  }

  /** A filter that counts what it holds sets the limit itself; for others the client waits at the buffer limit. */
  #hold(chunk: Buffer, endStream: boolean, counted: boolean): void {
    this.#held ??= new HeldRequest();
    const held = this.#held;
    held.addData(chunk, endStream);
    if (!counted && held.bytes > this.bufferLimitBytes && !this.#paused) {
      this.#paused = true;
      this.#codec.pauseReading();
    }
  }

  continueDecoding(): void {
    if (this.#over || this.#stoppedAt < 0) return;
    const next = this.#stoppedAt + 1;
    this.#stoppedAt = -1;
    const held = this.#held;
    this.#decodeHeadersFrom(next);
    while (held?.hasParts === true && !this.#over) {
      // A later filter may have stopped: what is left waits for that one.
      if (this.#stoppedAt >= next && this.#filters[this.#stoppedAt]?.decodeData === undefined)
        return;
      const part = held.take();
      if (part?.kind === "data") this.#decodeDataFrom(next, part.chunk, part.endStream);
      else if (part !== undefined) this.#decodeTrailersFrom(next, part.trailers);
    }
    if (this.#paused && !this.#over) {
      this.#paused = false;
      this.#codec.resumeReading();
    }
  }

  prependHeld(chunk: Buffer): void {
    this.#held ??= new HeldRequest();
    this.#held.prepend(chunk);
  }

  clearRouteCache(): void {
    const { info } = this;
    delete info.routeName;
    delete info.virtualHostName;
    delete info.routeMetadata;
    delete info.upstream;
    this.route = this.#settings.routes.find(this.headers, this.random, this.internal);
    this.#noteRoute();
    this.#settings.tracing?.routeChanged(this);
  }

  filterConfig(name: string): PerFilterConfig | undefined {
    return this.route.kind === "route" ? this.route.entry.filterConfig(name) : undefined;
  }

  get bufferLimitBytes(): number {
    return this.#settings.bufferLimitBytes;
  }

  get spawnsUpstreamSpans(): boolean {
    return this.#settings.tracing?.spawnsUpstreamSpans ?? false;
  }

  pauseReading(): void {
    this.#codec.pauseReading();
  }

  resumeReading(): void {
    if (!this.#paused) this.#codec.resumeReading();
  }

  // --- the response goes out ------------------------------------------------------------------------------------------------------------

  encodeInformational(headers: HeaderMap): void {
    if (!this.#over) this.#codec.encodeInformational(headers);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean, details: string): void {
    if (this.#over) return;
    this.#timers.touch();
    this.info.responseCodeDetails = details;
    this.responseStarted = true;
    this.#passHeaders(headers, endStream);
  }

  #passHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.#response !== undefined) {
      this.#response.headers(headers, endStream);
      return;
    }
    for (let i = this.#filters.length - 1; i >= 0; i--) this.#filters[i]?.encodeHeaders?.(headers);
    this.#sendHeaders(headers, endStream);
  }

  #sendHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.#over) return;
    const { info } = this;
    const settings = this.#settings;
    const status = Number(headers.get(":status"));
    const upgraded = this.upgrade !== undefined && status === 101;
    finishResponseHeaders(headers, this.headers, settings.responseHeaders, settings.date, upgraded);
    settings.tracing?.finishResponse(this, headers);
    this.responseStarted = true;
    info.responseCode = status;
    info.responseHeaders = headers;
    info.firstDownstreamTxByteSent = nowMicros();
    settings.stats.countStatus(status);
    if (settings.isDraining()) this.#codec.closeAfterResponse();
    this.#codec.encodeHeaders(headers, endStream);
    if (endStream) this.#responseSent();
  }

  encodeData(chunk: Buffer, endStream: boolean): boolean {
    if (this.#over) return true;
    this.#timers.touch();
    return this.#response === undefined
      ? this.#sendData(chunk, endStream)
      : this.#response.data(chunk, endStream);
  }

  #sendData(chunk: Buffer, endStream: boolean): boolean {
    if (this.#over) return true;
    this.info.bytesSent += chunk.length;
    const writable = this.#codec.encodeData(chunk, endStream);
    if (endStream) this.#responseSent();
    return writable;
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.#over) return;
    if (this.#response === undefined) this.#sendTrailers(trailers);
    else this.#response.trailers(trailers);
  }

  #sendTrailers(trailers: HeaderMap): void {
    if (this.#over) return;
    this.info.responseTrailers = trailers;
    this.#codec.encodeTrailers(trailers);
    this.#responseSent();
  }

  resetStream(): void {
    if (this.#over) return;
    this.#codec.reset("local reset");
    this.#finish();
  }

  sendLocalReply(reply: LocalReply): void {
    if (this.#over) return;
    if (this.responseStarted) {
      this.info.responseCodeDetails = reply.details;
      this.resetStream();
      return;
    }
    if (reply.closes === true && this.info.protocol !== "HTTP/2") this.#codec.closeAfterResponse();
    const isGrpc = isGrpcContentType(this.headers.get("content-type"));
    const isHead = this.headers.get(":method") === "HEAD";
    this.info.responseCodeDetails = reply.details;
    const { headers, body } = this.#settings.localReplies.build(this, reply, isGrpc, isHead);
    this.#passHeaders(headers, body === undefined);
    if (body !== undefined) this.encodeData(body, true);
  }

  /** A request that is wrong in itself: the connection ends with the answer. */
  #refuse(status: number, body: string, details: string): void {
    this.sendLocalReply({ status, body, details, closes: true });
  }

  // --- time limits ----------------------------------------------------------------------------------------------------------------------

  onIdle(): void {
    this.#settings.stats.idleTimeout.inc();
    this.info.flags.add("SI");
    this.sendLocalReply({
      status: this.requestComplete ? 504 : 408,
      body: "stream timeout",
      details: "stream_idle_timeout",
    });
  }

  onRequestTimeout(): void {
    this.#settings.stats.requestTimeout.inc();
    this.sendLocalReply({
      status: 408,
      body: "request timeout",
      details: "request_overall_timeout",
    });
  }

  onMaxDuration(): void {
    this.#settings.stats.maxDurationReached.inc();
    this.sendLocalReply({
      status: this.requestComplete ? 504 : 408,
      body: "downstream duration timeout",
      details: "max_duration_timeout",
      grpcStatus: 4,
    });
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  #responseSent(): void {
    this.info.lastDownstreamTxByteSent = nowMicros();
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#timers.stop();
    const { info } = this;
    info.endTimeMicros = nowMicros();
    for (const filter of this.#filters) filter.onDestroy?.();
    this.#settings.stats.requestEnded();
    this.#settings.tracing?.finish(this);
    this.#settings.log(info);
  }

  /** For the connection manager: a stream that is not over yet when the server shuts down. */
  get isOver(): boolean {
    return this.#over;
  }
}
