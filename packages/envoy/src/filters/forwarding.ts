/** A request on its way: its body is sent on, and kept while another try is possible; the first response that is not tried again is it. */
import type { LocalReply } from "../connection-manager/local-reply.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { inlineResponseHeaders, joinInlineHeaders } from "../http/inline-headers.ts";
import type { ResponseFlag } from "../http/stream-info.ts";
import type { TimeLimitOwner } from "../time/time-limits.ts";
import type { Host } from "../upstream/host.ts";
import { finishAttemptSpan, traceAttempt } from "./attempt-span.ts";
import { commitResponse } from "./commit-response.ts";
import { countUpstreamStatus } from "./count-upstream-status.ts";
import type { ForwardingPlan, ForwardingSettings, ForwardingStream } from "./forwarding-plan.ts";
import {
  noHealthyUpstream,
  requestTooLargeToRetry,
  upstreamFailure,
  upstreamTimeout,
  webSocketDeclined,
} from "./forwarding-replies.ts";
import { announceNextTry, chooseHostAgain } from "./next-try.ts";
import { type BodySource, RequestBody } from "./request-body.ts";
import { RequestClock } from "./request-clock.ts";
import { Retries, type RetryOwner } from "./retries.ts";
import type { RetryState } from "./retry-state.ts";
import { rewriteHostToEndpoint } from "./rewrite-request.ts";
import { Shadows } from "./shadows.ts";
import { SharedPause } from "./shared-pause.ts";
import { type FailureReason, meaningOf } from "./upstream-failures.ts";
import { UpstreamRequest, type UpstreamRequestOwner } from "./upstream-request.ts";

export class Forwarding implements UpstreamRequestOwner, RetryOwner, TimeLimitOwner {
  readonly requestHeaders: HeaderMap;
  readonly body: RequestBody;

  readonly #stream: ForwardingStream;
  readonly #settings: ForwardingSettings;
  readonly #plan: ForwardingPlan;
  readonly #retries: Retries | undefined;
  /** The client, and with copies of the request everybody who makes it wait. */
  readonly #source: BodySource;
  readonly #clock: RequestClock;
  #shadows: Shadows | undefined;
  #current: UpstreamRequest | undefined;
  #attempts = 1;
  readonly #tried: Host[] = [];
  #over = false;

  constructor(
    stream: ForwardingStream,
    settings: ForwardingSettings,
    plan: ForwardingPlan,
    retry: RetryState | undefined,
    requestComplete: boolean,
  ) {
    const { action, cluster } = plan;
    this.#stream = stream;
    this.#settings = settings;
    this.#plan = plan;
    this.requestHeaders = stream.headers;
    const limit = action.bufferLimitBytes ?? stream.bufferLimitBytes;
    const keeps = retry !== undefined && !requestComplete;
    this.#source = action.mirrors.length === 0 ? stream : new SharedPause(stream);
    this.body = new RequestBody(this.#source, limit, keeps, requestComplete);
    this.#clock = new RequestClock(settings.timeLimits);
    if (retry === undefined) return;
    const breaker = cluster.breakers[action.priority];
    this.#retries = new Retries(this, retry, breaker, cluster.stats, stream.info);
  }

  // --- the request ----------------------------------------------------------------------------------------------------------------------

  start(host: Host): void {
    const { body } = this;
    if (body.complete) this.#requestArrived();
    const shadows = Shadows.prepare(this.#stream, this.#settings, this.#plan.action.mirrors);
    this.#shadows = shadows;
    this.#try(host);
    shadows?.start(this.#plan, this.#source, body.complete);
    if (this.#over && !body.complete) shadows?.cancel();
  }

  sendData(chunk: Buffer, endStream: boolean): void {
    const { body } = this;
    const current = this.#current;
    const ready = current?.isReady === true;
    if (endStream) body.complete = true;
    this.#shadows?.sendData(chunk, endStream);
    if (body.keeps || !ready) this.#keep(chunk);
    if (ready) current.encodeData(chunk, endStream);
    if (endStream) this.#requestArrived();
  }

  sendTrailers(trailers: HeaderMap): void {
    this.body.complete = true;
    this.body.trailers = trailers;
    this.#shadows?.sendTrailers(trailers.clone());
    if (this.#current?.isReady === true) this.#current.encodeTrailers(trailers);
    this.#requestArrived();
  }

  /** Beyond the limit there will be no retry; and without a connection the client has to wait. */
  #keep(chunk: Buffer): void {
    const { body } = this;
    if (body.add(chunk)) return;
    if (body.keeps) this.#plan.cluster.stats.retryAbandoned.inc();
    this.#retries?.forbid();
    if (this.#current?.isReady === true) body.forget();
    else if (this.#retries?.isWaiting === true) {
      this.#stream.sendLocalReply(requestTooLargeToRetry(this.#plan.action, this.#attempts));
    } else {
      body.keeps = false;
      body.pause();
    }
  }

  #requestArrived(): void {
    if (this.#clock.hasStarted) return;
    this.#clock.start(this.#over ? 0 : this.#plan.timeouts.global, this);
    this.#current?.requestComplete();
  }

  onUpstreamWritable(writable: boolean): void {
    if (writable) this.body.resume();
    else this.body.pause();
  }

  // --- a try ----------------------------------------------------------------------------------------------------------------------------

  #try(host: Host): void {
    const { cluster, action, timeouts } = this.#plan;
    const stream = this.#stream;
    const request = new UpstreamRequest(this, cluster, host, this.#attempts, timeouts);
    this.#tried.push(host);
    this.#current = request;
    const { upstream } = stream.info;
    if (upstream?.host !== undefined) request.info.previous = upstream;
    stream.info.upstream = request.info;
    traceAttempt(stream, request, this.#settings.startChildSpan);
    const authority = this.requestHeaders.get(":authority");
    request.start(cluster.pool(host, stream.info.protocol, action.priority, authority));
  }

  beforeSend(request: UpstreamRequest): void {
    const { suppressHeaders } = this.#settings.timeouts;
    const { hostname } = request.host;
    rewriteHostToEndpoint(this.requestHeaders, this.#plan.action, hostname, suppressHeaders);
  }

  retry(): void {
    this.#attempts++;
    const { timeouts } = this.#settings;
    const elapsedMs = this.#clock.elapsedMs ?? 0;
    announceNextTry(this.requestHeaders, this.#plan, this.#attempts, elapsedMs, timeouts);
    const host = chooseHostAgain(this.#plan, this.#tried);
    if (host !== undefined) {
      this.#try(host);
      return;
    }
    const { cluster, action } = this.#plan;
    cluster.stats.cxNoneHealthy.inc();
    this.#fail("UH", noHealthyUpstream(action, this.#attempts));
  }

  // --- the response ---------------------------------------------------------------------------------------------------------------------

  onUpstreamInformational(headers: HeaderMap): void {
    countUpstreamStatus(this.#stream, this.#plan, Number(headers.get(":status")));
    this.#stream.encodeInformational(headers);
  }

  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    joinInlineHeaders(headers, inlineResponseHeaders);
    const status = request.status as number;
    if (this.#retries !== undefined && status !== 101 && this.#retries.afterHeaders(headers)) {
      if (!this.#stream.info.healthCheck) this.#plan.cluster.stats.countRetried(status);
      if (!endStream || !request.sentAll) request.cancel();
      if (!endStream) request.canceled = true;
      finishAttemptSpan(this.#stream, request);
      return;
    }
    if (this.#stream.upgrade === "websocket" && status >= 200 && status < 400)
      this.#declineWebSocket(request, headers, status);
    else this.#commit(request, headers, endStream, status);
  }

  /** Neither an upgrade nor an error: the client gets to see the head, and no body that it could take for frames. */
  #declineWebSocket(request: UpstreamRequest, headers: HeaderMap, status: number): void {
    request.cancel();
    this.#complete(request);
    this.#stream.sendLocalReply(webSocketDeclined(headers, status));
  }

  /** This is the response the client gets. */
  #commit(request: UpstreamRequest, headers: HeaderMap, endStream: boolean, status: number): void {
    const { suppressHeaders } = this.#settings.timeouts;
    const serviceTimeMs = suppressHeaders ? undefined : this.#clock.elapsedMs;
    const response = { headers, status, attempts: this.#attempts, serviceTimeMs };
    commitResponse(this.#stream, this.#plan, response);
    this.body.forget();
    if (status === 101) this.#clock.liftLimit();
    if (endStream) this.#complete(request);
    this.#stream.encodeHeaders(headers, endStream, "via_upstream");
  }

  onUpstreamData(request: UpstreamRequest, chunk: Buffer, endStream: boolean): void {
    if (endStream) this.#complete(request);
    if (!this.#stream.encodeData(chunk, endStream) && !endStream) request.pauseReading();
  }

  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void {
    this.#complete(request);
    this.#stream.encodeTrailers(trailers);
  }

  /** The client has taken what was written. */
  resumeResponse(): void {
    this.#current?.resumeReading();
  }

  #complete(request: UpstreamRequest): void {
    this.#clock.liftLimit();
    if (request.responseTrailers !== undefined)
      this.#stream.info.responseTrailers = request.responseTrailers;
    finishAttemptSpan(this.#stream, request);
  }

  // --- failures -------------------------------------------------------------------------------------------------------------------------

  onUpstreamFailure(
    request: UpstreamRequest,
    reason: FailureReason,
    details: string | undefined,
  ): void {
    const { responseStarted } = this.#stream;
    const { flag } = meaningOf(reason);
    request.flags.add(flag);
    finishAttemptSpan(this.#stream, request);
    if (!responseStarted && this.#retries?.afterFailure(reason, request.isSent) === true) return;
    const failure = {
      reason,
      transport: details,
      responseStarted: responseStarted || request.informed,
      quiet: this.#settings.timeouts.suppressHeaders,
    };
    this.#fail(flag, upstreamFailure(this.#plan.action, this.#attempts, failure));
  }

  onPerTryTimeout(request: UpstreamRequest): void {
    this.#plan.cluster.stats.rqPerTryTimeout.inc();
    request.host.stats.rqTimeout++;
    request.flags.add("UT");
    request.cancel();
    finishAttemptSpan(this.#stream, request);
    if (!this.#stream.responseStarted && this.#retries?.afterFailure("local reset", true) === true)
      return;
    this.#timeOut("upstream_per_try_timeout");
  }

  /** The route's. */
  onTimeLimit(): void {
    const current = this.#current;
    this.#retries?.stop();
    this.#plan.cluster.stats.rqTimeout.inc();
    if (current !== undefined && !current.ended) {
      current.host.stats.rqTimeout++;
      current.cancel();
      finishAttemptSpan(this.#stream, current);
    }
    this.#timeOut("response_timeout");
  }

  #timeOut(details: "response_timeout" | "upstream_per_try_timeout"): void {
    const { action, timeouts } = this.#plan;
    this.#fail("UT", upstreamTimeout(action, this.#attempts, details, timeouts.status));
  }

  /** A response under way is cut; nothing is said then. */
  #fail(flag: ResponseFlag, reply: LocalReply): void {
    const stream = this.#stream;
    stream.info.flags.add(flag);
    this.#clock.liftLimit();
    if (!stream.responseStarted) countUpstreamStatus(stream, this.#plan, reply.status);
    stream.sendLocalReply(reply);
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  /** The stream is over, whichever way. */
  close(): void {
    this.#over = true;
    if (!this.body.complete) this.#shadows?.cancel();
    this.#clock.liftLimit();
    this.#retries?.stop();
    const current = this.#current;
    if (current === undefined || current.ended || current.failure !== undefined) return;
    current.cancel();
    finishAttemptSpan(this.#stream, current);
  }
}
