/**
 * The last filter: finds the cluster of the route, sends the request to one of its endpoints, tries again where the route says so, and
 * hands the response back. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
import type { Router as RouterConfig } from "../config/filters/router.ts";
import { grpcToHttpStatus, isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { inlineResponseHeaders, joinInlineHeaders } from "../http/inline-headers.ts";
import type { ResponseFlag, UpstreamInfo } from "../http/stream-info.ts";
import type { ForwardAction, RouteEntry } from "../routing/route-entry.ts";
import { nowMicros } from "../time/clock.ts";
import { finalizeUpstreamSpan } from "../tracing/finalize-span.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { ClusterManager } from "../upstream/cluster-manager.ts";
import type { Host } from "../upstream/host.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory, Verdict } from "./filter.ts";
import { RequestBody } from "./request-body.ts";
import { type RetryDecision, RetryState } from "./retry-state.ts";
import {
  announceTimeout,
  decideTimeouts,
  type TimeoutOptions,
  type Timeouts,
} from "./router-timeouts.ts";
import {
  type FailureReason,
  failureBody,
  failureDetails,
  isPoolFailure,
  meaningOf,
} from "./upstream-failures.ts";
import { UpstreamRequest, type UpstreamRequestOwner } from "./upstream-request.ts";

export interface RouterOptions {
  readonly config: RouterConfig;
  readonly clusters: ClusterManager;
  readonly random: () => number;
}

export function createRouter(name: string, options: RouterOptions): HttpFilterFactory {
  const { config } = options;
  const timeouts: TimeoutOptions = {
    respectExpected: config.respectExpectedRqTimeout,
    suppressHeaders: config.suppressEnvoyHeaders,
  };
  return { name, create: (stream) => new Router(stream, options, timeouts) };
}

const noTimeouts: Timeouts = { global: 0, perTry: 0, perTryIdle: 0 };

class Router implements HttpFilter, UpstreamRequestOwner {
  readonly requestHeaders: HeaderMap;
  body: RequestBody;

  readonly #stream: FilterStream;
  readonly #options: RouterOptions;
  readonly #timeoutOptions: TimeoutOptions;
  #entry: RouteEntry | undefined;
  #action: ForwardAction | undefined;
  #cluster: Cluster | undefined;
  #hash: number | undefined;
  #isGrpc = false;
  #timeouts: Timeouts = noTimeouts;
  #retry: RetryState | undefined;
  #current: UpstreamRequest | undefined;
  #attempts = 1;
  #tried: Host[] = [];
  /** When the whole request was there; the route's time limit and the service time count from here. */
  #completeAt: number | undefined;
  #routeTimer: NodeJS.Timeout | undefined;
  #backOffTimer: NodeJS.Timeout | undefined;
  #countsRetry = false;
  #readingPaused = false;
  #over = false;

  constructor(stream: FilterStream, options: RouterOptions, timeoutOptions: TimeoutOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#timeoutOptions = timeoutOptions;
    this.requestHeaders = stream.headers;
    this.body = new RequestBody(false, stream.requestComplete);
  }

  get requestComplete(): boolean {
    return this.body.complete;
  }

  // --- the request ----------------------------------------------------------------------------------------------------------------------

  decodeHeaders(headers: HeaderMap, endStream: boolean): Verdict {
    const { route, info } = this.#stream;
    if (route.kind === "none") {
      info.flags.add("NR");
      return this.#reply(404, "", "route_not_found");
    }
    if (route.kind === "tls-redirect") return this.#redirectToTls(headers);
    const { entry } = route;
    const { action } = entry;
    if (action.kind === "direct-response")
      return this.#reply(action.status, action.body, "direct_response");
    if (action.kind === "redirect") {
      const location = action.redirect.location(headers);
      return this.#reply(action.redirect.status, "", "direct_response", (response) =>
        response.add("location", location),
      );
    }
    return this.#forward(entry, action, headers, endStream);
  }

  #redirectToTls(headers: HeaderMap): Verdict {
    const location = `https://${headers.get(":authority") ?? ""}${headers.get(":path") ?? ""}`;
    return this.#reply(301, "", "direct_response", (response) =>
      response.add("location", location),
    );
  }

  #reply(
    status: number,
    body: string | Buffer,
    details: string,
    changeHeaders?: (headers: HeaderMap) => void,
  ): "stop" {
    this.#stream.sendLocalReply(
      changeHeaders === undefined
        ? { status, body, details }
        : { status, body, details, changeHeaders },
    );
    return "stop";
  }

  #forward(
    entry: RouteEntry,
    action: ForwardAction,
    headers: HeaderMap,
    endStream: boolean,
  ): Verdict {
    const { info } = this.#stream;
    const name =
      action.clusterHeader === undefined ? action.cluster : headers.get(action.clusterHeader);
    const cluster = this.#options.clusters.get(name ?? "");
    if (cluster === undefined) {
      info.flags.add("NC");
      return this.#reply(action.clusterNotFoundStatus, "", "cluster_not_found");
    }
    this.#entry = entry;
    this.#action = action;
    this.#cluster = cluster;
    this.#isGrpc = isGrpcContentType(headers.get("content-type"));
    const upstream: UpstreamInfo = {
      cluster: cluster.name,
      clusterStatName: cluster.config.altStatName ?? cluster.name,
      attemptCount: 1,
      timing: {},
    };
    info.upstream = upstream;
    if (cluster.config.metadata !== undefined)
      info.clusterMetadata = cluster.config.metadata.filterMetadata;
    this.#hash = action.hash?.(headers, info.downstreamRemoteAddress.address);
    const host = cluster.choose(this.#hash);
    if (host === undefined) return this.#noHealthyUpstream();
    this.#timeouts = decideTimeouts(headers, action, this.#timeoutOptions);
    if (action.includeAttemptCountInRequest) headers.set("x-envoy-attempt-count", "1");
    entry.changeRequestHeaders(headers, info);
    this.#rewrite(action, headers);
    this.#retry = RetryState.create(action.retryPolicy, headers, this.#options.random);
    this.body = new RequestBody(this.#retry !== undefined && !endStream, endStream);
    if (endStream) this.#requestArrived();
    this.#try(host);
    return "continue";
  }

  #noHealthyUpstream(): "stop" {
    this.#stream.info.flags.add("UH");
    this.#cluster?.stats.cxNoneHealthy.inc();
    this.#countStatus(503);
    return this.#reply(503, "no healthy upstream", "no_healthy_upstream", this.#addAttemptCount);
  }

  #rewrite(action: ForwardAction, headers: HeaderMap): void {
    const { rewriteHost, rewritePath } = action;
    if (rewriteHost !== undefined && rewriteHost.kind !== "endpoint") {
      const host =
        rewriteHost.kind === "literal"
          ? rewriteHost.host
          : rewriteHost.kind === "header"
            ? headers.get(rewriteHost.name)
            : rewriteHost.rewrite((headers.get(":path") ?? "").split("?", 1)[0] ?? "");
      if (host !== undefined && host !== "") this.#setHost(headers, host);
    }
    if (rewritePath === undefined) return;
    const target = headers.get(":path") ?? "/";
    const rewritten = rewritePath(target);
    if (rewritten === target) return;
    headers.set("x-envoy-original-path", target);
    headers.set(":path", rewritten);
  }

  #setHost(headers: HeaderMap, host: string): void {
    const old = headers.get(":authority");
    if (old !== undefined && old !== "") {
      headers.set("x-envoy-original-host", old);
      if (this.#action?.appendXForwardedHost === true) {
        const forwarded = headers.get("x-forwarded-host");
        headers.set("x-forwarded-host", forwarded === undefined ? old : `${forwarded},${old}`);
      }
    }
    headers.set(":authority", host);
  }

  decodeData(chunk: Buffer, endStream: boolean): Verdict {
    const { body } = this;
    const current = this.#current;
    const ready = current?.isReady === true;
    if (endStream) body.complete = true;
    if (body.keeps || !ready) this.#keep(chunk);
    if (ready) current.encodeData(chunk, endStream);
    if (endStream) this.#requestArrived();
    return "continue";
  }

  decodeTrailers(trailers: HeaderMap): Verdict {
    this.body.complete = true;
    this.body.trailers = trailers;
    if (this.#current?.isReady === true) this.#current.encodeTrailers(trailers);
    this.#requestArrived();
    return "continue";
  }

  /** Beyond the limit there will be no retry; and without a connection the client has to wait. */
  #keep(chunk: Buffer): void {
    const { body } = this;
    const limit = this.#action?.bufferLimitBytes ?? this.#stream.bufferLimitBytes;
    body.add(chunk);
    if (body.bytes <= limit) return;
    this.#retry = undefined;
    if (this.#current?.isReady === true) body.forget();
    else {
      body.keeps = false;
      this.#pauseReading();
    }
  }

  #requestArrived(): void {
    if (this.#completeAt !== undefined) return;
    this.#completeAt = performance.now();
    const { global } = this.#timeouts;
    if (global > 0 && !this.#over) this.#routeTimer = setTimeout(routeTimedOut, global, this);
    this.#current?.requestComplete();
  }

  // --- a try ----------------------------------------------------------------------------------------------------------------------------

  #try(host: Host): void {
    const cluster = this.#cluster as Cluster;
    const action = this.#action as ForwardAction;
    const { info, span, spawnsUpstreamSpans } = this.#stream;
    const request = new UpstreamRequest(
      this,
      cluster,
      host,
      cluster.breakers[action.priority],
      this.#attempts,
      this.#timeouts,
    );
    this.#tried.push(host);
    this.#current = request;
    info.upstream = request.info;
    if (spawnsUpstreamSpans || this.#options.config.startChildSpan)
      request.span = span.spawnChild(
        `router ${cluster.config.altStatName ?? cluster.name} egress`,
        nowMicros(),
      );
    request.start(cluster.pool(host, info.protocol));
  }

  beforeSend(request: UpstreamRequest): void {
    const { requestHeaders } = this;
    if (this.#action?.rewriteHost?.kind === "endpoint" && request.host.hostname !== "")
      this.#setHost(requestHeaders, request.host.hostname);
    (request.span ?? this.#stream.span).injectContext(requestHeaders);
  }

  onUpstreamInformational(headers: HeaderMap): void {
    this.#stream.encodeInformational(headers);
  }

  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    joinInlineHeaders(headers, inlineResponseHeaders);
    const status = request.status as number;
    const { stats } = request.host;
    if (status >= 500) stats.rqError++;
    else stats.rqSuccess++;
    if (this.#retry !== undefined && status !== 101) {
      const decision = this.#retry.afterHeaders(headers, this.#breaker);
      if (decision === "yes") {
        this.#countStatus(status);
        if (!endStream || !request.sentAll) request.cancel();
        if (!endStream) request.canceled = true;
        this.#finishSpan(request);
        this.#retryLater();
        return;
      }
      this.#noteRefusedRetry(decision);
    }
    this.#commit(request, headers, endStream, status);
  }

  /** This is the response the client gets. */
  #commit(request: UpstreamRequest, headers: HeaderMap, endStream: boolean, status: number): void {
    const action = this.#action as ForwardAction;
    const { info } = this.#stream;
    if (this.#completeAt !== undefined && !this.#timeoutOptions.suppressHeaders && status !== 101)
      headers.set("x-envoy-upstream-service-time", this.#serviceTime());
    this.#countStatus(this.#isGrpc ? statusOfGrpc(headers, status) : status);
    if (this.#attempts > 1) this.#cluster?.stats.rqRetrySuccess.inc();
    if (action.includeAttemptCountInResponse)
      headers.set("x-envoy-attempt-count", String(this.#attempts));
    info.responseCode = status;
    info.responseHeaders = headers;
    this.#entry?.changeResponseHeaders(headers, info);
    this.body.forget();
    if (status === 101) this.#clearRouteTimer();
    if (endStream) this.#complete(request);
    this.#stream.encodeHeaders(headers, endStream, "via_upstream");
  }

  #serviceTime(): string {
    return String(Math.max(0, Math.floor(performance.now() - (this.#completeAt ?? 0))));
  }

  onUpstreamData(request: UpstreamRequest, chunk: Buffer, endStream: boolean): void {
    if (endStream) this.#complete(request);
    if (!this.#stream.encodeData(chunk, endStream) && !endStream) request.pauseReading();
  }

  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void {
    this.#complete(request);
    this.#stream.encodeTrailers(trailers);
  }

  #complete(request: UpstreamRequest): void {
    this.#clearRouteTimer();
    if (request.responseTrailers !== undefined)
      this.#stream.info.responseTrailers = request.responseTrailers;
    this.#finishSpan(request);
  }

  onDownstreamDrain(): void {
    this.#current?.resumeReading();
  }

  onUpstreamWritable(writable: boolean): void {
    if (!writable) this.#pauseReading();
    else if (this.#readingPaused) {
      this.#readingPaused = false;
      this.#stream.resumeReading();
    }
  }

  #pauseReading(): void {
    if (this.#readingPaused) return;
    this.#readingPaused = true;
    this.#stream.pauseReading();
  }

  // --- failures -------------------------------------------------------------------------------------------------------------------------

  onUpstreamFailure(
    request: UpstreamRequest,
    reason: FailureReason,
    details: string | undefined,
  ): void {
    const { flag } = meaningOf(reason);
    request.host.stats.rqError++;
    request.flags.add(flag);
    this.#finishSpan(request);
    if (!this.#stream.responseStarted && this.#retryAfter(reason, request.isSent)) return;
    this.#failWith(reason, flag, details);
  }

  onPerTryTimeout(request: UpstreamRequest): void {
    this.#cluster?.stats.rqPerTryTimeout.inc();
    request.host.stats.rqTimeout++;
    request.flags.add("UT");
    request.cancel();
    this.#finishSpan(request);
    if (!this.#stream.responseStarted && this.#retryAfter("local reset", true)) return;
    this.#timeOut("upstream_per_try_timeout");
  }

  onRouteTimeout(): void {
    const current = this.#current;
    clearTimeout(this.#backOffTimer);
    this.#cluster?.stats.rqTimeout.inc();
    if (current !== undefined && !current.ended) {
      current.host.stats.rqTimeout++;
      current.cancel();
      this.#finishSpan(current);
    }
    this.#timeOut("response_timeout");
  }

  #timeOut(details: string): void {
    this.#stream.info.flags.add("UT");
    this.#clearRouteTimer();
    this.#countStatus(504);
    this.#reply(504, "upstream request timeout", details, this.#addAttemptCount);
  }

  #failWith(reason: FailureReason, flag: ResponseFlag, details: string | undefined): void {
    const { info, responseStarted } = this.#stream;
    info.flags.add(flag);
    this.#clearRouteTimer();
    const transport = isPoolFailure(reason) ? details : undefined;
    const text = failureDetails(reason, transport, responseStarted);
    if (responseStarted) {
      info.responseCodeDetails = text;
      this.#stream.resetStream();
      return;
    }
    const { status } = meaningOf(reason);
    this.#countStatus(status);
    this.#reply(status, failureBody(reason, this.#attempts), text, (headers) => {
      if (reason === "overflow" && !this.#timeoutOptions.suppressHeaders)
        headers.add("x-envoy-overloaded", "true");
      this.#addAttemptCount(headers);
    });
  }

  readonly #addAttemptCount = (headers: HeaderMap): void => {
    if (this.#action?.includeAttemptCountInResponse === true)
      headers.set("x-envoy-attempt-count", String(this.#attempts));
  };

  // --- retries --------------------------------------------------------------------------------------------------------------------------

  get #breaker(): Cluster["breakers"]["DEFAULT"] {
    return (this.#cluster as Cluster).breakers[this.#action?.priority ?? "DEFAULT"];
  }

  /** True: there will be another try. */
  #retryAfter(reason: FailureReason, sent: boolean): boolean {
    if (this.#retry === undefined) return false;
    const decision = this.#retry.afterFailure(reason, sent, this.#breaker);
    if (decision !== "yes") {
      this.#noteRefusedRetry(decision);
      return false;
    }
    this.#retryLater();
    return true;
  }

  #noteRefusedRetry(decision: RetryDecision): void {
    const { info } = this.#stream;
    if (decision === "limit exceeded") {
      info.flags.add("URX");
      this.#cluster?.stats.rqRetryLimitExceeded.inc();
    } else if (decision === "overflow") {
      info.flags.add("UO");
      this.#cluster?.stats.rqRetryOverflow.inc();
    }
  }

  #retryLater(): void {
    this.#cluster?.stats.rqRetry.inc();
    this.#breaker.retries++;
    this.#countsRetry = true;
    const delay = this.#retry?.nextBackOffMs() ?? 0;
    this.#backOffTimer = setTimeout(retryNow, delay, this);
  }

  retry(): void {
    this.#releaseRetry();
    const action = this.#action as ForwardAction;
    const { requestHeaders } = this;
    this.#attempts++;
    if (action.includeAttemptCountInRequest)
      requestHeaders.set("x-envoy-attempt-count", String(this.#attempts));
    const elapsed = this.#completeAt === undefined ? 0 : performance.now() - this.#completeAt;
    announceTimeout(
      requestHeaders,
      this.#timeouts,
      Math.floor(elapsed),
      action,
      this.#timeoutOptions,
    );
    const host = this.#chooseAgain(action);
    if (host === undefined) this.#noHealthyUpstream();
    else this.#try(host);
  }

  #chooseAgain(action: ForwardAction): Host | undefined {
    const cluster = this.#cluster as Cluster;
    const { avoidPreviousHosts, hostSelectionAttempts } = action.retryPolicy;
    let host = cluster.choose(this.#hash);
    if (!avoidPreviousHosts) return host;
    for (let i = 0; i < hostSelectionAttempts && host !== undefined; i++) {
      if (!this.#tried.includes(host)) return host;
      host = cluster.choose(this.#hash);
    }
    return host;
  }

  #releaseRetry(): void {
    if (!this.#countsRetry) return;
    this.#countsRetry = false;
    this.#breaker.retries--;
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  onDestroy(): void {
    this.#over = true;
    this.#clearRouteTimer();
    clearTimeout(this.#backOffTimer);
    this.#releaseRetry();
    const current = this.#current;
    if (current === undefined || current.ended || current.failure !== undefined) return;
    current.cancel();
    this.#finishSpan(current);
  }

  #clearRouteTimer(): void {
    clearTimeout(this.#routeTimer);
    this.#routeTimer = undefined;
  }

  #countStatus(status: number): void {
    this.#cluster?.stats.countStatus(status, this.#stream.internal);
  }

  #finishSpan(request: UpstreamRequest): void {
    const { span } = request;
    if (span === undefined) return;
    request.span = undefined;
    const attempt = {
      upstream: request.info,
      responseCode: request.status,
      flags: request.flags,
      retryCount: request.attempt - 1,
      canceled: request.canceled,
      resetReason: request.failure,
      responseHeaders: request.responseHeaders,
      responseTrailers: request.responseTrailers,
    };
    finalizeUpstreamSpan(span, this.#stream.info, attempt, this.#stream.spanTags, nowMicros());
  }
}

/** Trailers-only gRPC answers count by their grpc-status. */
function statusOfGrpc(headers: HeaderMap, status: number): number {
  const grpc = headers.get("grpc-status");
  return grpc === undefined ? status : grpcToHttpStatus(Number(grpc));
}

function routeTimedOut(router: Router): void {
  router.onRouteTimeout();
}

function retryNow(router: Router): void {
  router.retry();
}
