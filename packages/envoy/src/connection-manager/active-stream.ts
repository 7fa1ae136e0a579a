/**
 * One request from its head to its end: headers are put in order, a route is found, the span starts, then the filters have it. On the
 * way back the response passes the filters in reverse, gets the proxy's headers and goes to the codec. (Envoy's ActiveStream.)
 */
import type { PerFilterConfig } from "../config/http-filter.ts";
import type { FilterStream, HttpFilter } from "../filters/filter.ts";
import { HeaderMap } from "../http/header-map.ts";
import { inlineRequestHeaders, joinInlineHeaders } from "../http/inline-headers.ts";
import type { DownstreamStream, ResetReason, StreamReceiver } from "../http/stream.ts";
import type { RouteResult } from "../routing/route-table.ts";
import { nowMicros } from "../time/clock.ts";
import { defaultMaxPathTagLength, type SpanTagOptions } from "../tracing/finalize-span.ts";
import { nullSpan } from "../tracing/null-span.ts";
import type { Span } from "../tracing/tracer.ts";
import { requestedUpgrade } from "./connection-header.ts";
import type { LocalReply } from "./local-reply.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { forgetRoute, noteRoute } from "./note-route.ts";
import { RequestChain } from "./request-chain.ts";
import { checkConnectionHeader, checkPath, checkUnderscores, refusal } from "./request-checks.ts";
import { prepareRequestHeaders } from "./request-headers.ts";
import { RequestInfo } from "./request-info.ts";
import { ResponseSender } from "./response-sender.ts";
import { StreamTimers } from "./stream-timers.ts";

const noSpanTags: SpanTagOptions = {
  customTags: [],
  maxPathTagLength: defaultMaxPathTagLength,
  verbose: false,
};
const noRoute: RouteResult = { kind: "none" };

export class ActiveStream implements StreamReceiver, FilterStream {
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
  readonly #chain: RequestChain;
  readonly #sender: ResponseSender;
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
    this.#timers = new StreamTimers(this, settings.stats);
    this.#chain = new RequestChain(this, codec, this.#filters);
    this.#sender = new ResponseSender(this, settings, codec, this.#filters);
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
    if (this.#isRefused()) return;
    const upgrade = requestedUpgrade(headers);
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
    this.#findRoute();
    this.#createFilters();
    // The health_check filter recognises its requests before they could be traced.
    settings.tracing?.start(this);
    if (this.#passesUpgrade(upgrade)) this.#chain.headers();
  }

  /** True: the request is wrong in itself, and has its answer. */
  #isRefused(): boolean {
    const { headers } = this;
    const settings = this.#settings;
    const refused = checkUnderscores(headers, settings);
    // In Envoy the codec does this, so that nothing is known of the request.
    if (refused !== undefined) {
      this.info.requestHeaders = new HeaderMap();
      if (this.requestComplete) settings.stats.remoteReset.inc();
    }
    const reply = refused ?? checkConnectionHeader(headers) ?? checkPath(headers, settings);
    if (reply === undefined) return false;
    settings.stats.requestRefused(reply);
    // Envoy finds no route before x-forwarded-proto is there, which on a request that is refused only the client can have set.
    if (refused === undefined && (headers.get("x-forwarded-proto") ?? "") !== "") this.#findRoute();
    this.sendLocalReply(reply);
    return true;
  }

  #findRoute(): void {
    this.route = this.#settings.routes.find(this.headers, this.random, this.internal);
    noteRoute(this, this.#settings, this.#timers);
  }

  /** False: it asks for an upgrade that is not allowed, and has its answer. */
  #passesUpgrade(upgrade: string | undefined): boolean {
    const { route } = this;
    const asked = upgrade ?? (this.headers.get(":method") === "CONNECT" ? "CONNECT" : undefined);
    if (asked === undefined) return true;
    const type = asked.toLowerCase();
    const action = route.kind === "route" ? route.entry.action : undefined;
    const own = action?.kind === "forward" ? action.upgrades.get(type) : undefined;
    if (own ?? this.#settings.upgrades.get(type) ?? false) {
      this.upgrade = type;
      this.requestComplete = false;
      return true;
    }
    // A request without a route is answered as any other.
    if (route.kind === "none") return true;
    this.#settings.stats.upgradeRefused.inc();
    this.sendLocalReply(refusal(403, "", "upgrade_failed"));
    return false;
  }

  #createFilters(): void {
    for (const factory of this.#settings.filters) this.#filters.push(factory.create(this));
    this.#sender.joinFilters();
  }

  onData(chunk: Buffer, endStream: boolean): void {
    if (this.#over) return;
    this.#timers.touch();
    this.info.bytesReceived += chunk.length;
    if (endStream) this.#requestArrived();
    this.#chain.data(chunk, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    if (this.#over) return;
    this.#requestArrived();
    this.#chain.trailers(trailers);
  }

  onReset(reason: ResetReason, details?: string): void {
    if (this.#over) return;
    const { info } = this;
    if (reason === "protocol error") info.flags.add("DPE");
    else info.flags.add(reason === "connection termination" ? "DC" : "DR");
    info.responseCodeDetails = details ?? "downstream_remote_disconnect";
    this.#settings.stats.remoteReset.inc();
    this.#finish();
  }

  onDrain(): void {
    if (this.#over) return;
    this.#timers.touch();
    for (const filter of this.#filters) filter.onDownstreamDrain?.();
  }

  responseDrained(): void {
    this.onDrain();
  }

  #requestArrived(): void {
    this.requestComplete = true;
    this.info.lastDownstreamRxByteReceived = nowMicros();
    this.#timers.requestArrived();
  }

  // --- what filters ask for -----------------------------------------------------------------------------------------------------------

  continueDecoding(): void {
    this.#chain.continueDecoding();
  }

  prependHeld(chunk: Buffer): void {
    this.#chain.prepend(chunk);
  }

  clearRouteCache(): void {
    forgetRoute(this.info);
    this.#findRoute();
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
    if (!this.#chain.isPaused) this.#codec.resumeReading();
  }

  // --- the response goes out ------------------------------------------------------------------------------------------------------------

  encodeInformational(headers: HeaderMap): void {
    if (!this.#over) this.#sender.informational(headers);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean, details: string): void {
    if (this.#over) return;
    this.#timers.touch();
    this.info.responseCodeDetails = details;
    this.responseStarted = true;
    this.#sender.headers(headers, endStream);
  }

  encodeData(chunk: Buffer, endStream: boolean): boolean {
    if (this.#over) return true;
    this.#timers.touch();
    return this.#sender.data(chunk, endStream);
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (!this.#over) this.#sender.trailers(trailers);
  }

  resetStream(): void {
    if (this.#over) return;
    this.#settings.stats.localReset.inc();
    this.#codec.reset("local reset");
    this.#finish();
  }

  sendLocalReply(reply: LocalReply): void {
    if (this.#over) return;
    this.info.responseCodeDetails = reply.details;
    if (this.responseStarted) this.resetStream();
    else this.#sender.localReply(reply);
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  onResponseSent(): void {
    // The rest of the request is not waited for: HTTP/2 resets the stream, which then has no last byte (measured, Envoy 1.40).
    if (this.requestComplete || this.info.protocol !== "HTTP/2")
      this.info.lastDownstreamTxByteSent = nowMicros();
    if (!this.requestComplete) this.#settings.stats.remoteReset.inc();
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

  /** Answered to the end, or cut. */
  get isOver(): boolean {
    return this.#over;
  }
}
