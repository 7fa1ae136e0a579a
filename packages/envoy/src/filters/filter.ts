/** What http filters and the stream they sit on say to each other. */
import type { PerFilterConfig } from "../config/http-filter.ts";
import type { LocalReply } from "../connection-manager/local-reply.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { RouteResult } from "../routing/route-table.ts";
import type { SpanTagOptions } from "../tracing/finalize-span.ts";
import type { Span } from "../tracing/tracer.ts";

/**
 * "stop": later filters wait until `continueDecoding`; what arrives meanwhile is kept. "wait" is the same for a filter that has seen all
 * it wanted of the body: the client is made to wait where more than the buffer limit is kept. "drop": the same, and nobody wants this part.
 */
export type Verdict = "continue" | "stop" | "wait" | "drop";

/** Where a response goes next: another filter or the codec. "endStream" on a call means that nothing follows it. */
export interface ResponseSink {
  headers(headers: HeaderMap, endStream: boolean): void;
  /** False: stop for now, `onDownstreamDrain` follows. */
  data(chunk: Buffer, endStream: boolean): boolean;
  trailers(trailers: HeaderMap): void;
}

/** One request's instance of a filter. */
export interface HttpFilter {
  decodeHeaders(headers: HeaderMap, endStream: boolean): Verdict;
  decodeData?(chunk: Buffer, endStream: boolean): Verdict;
  decodeTrailers?(trailers: HeaderMap): Verdict;
  /** Response headers on their way out, last filter first. */
  encodeHeaders?(headers: HeaderMap): void;
  /**
   * For a filter that changes, keeps back or replaces the response, instead of `encodeHeaders`: what it returns gets the response, local
   * replies included, and passes it to `next` as and when it likes. Called once, before the request's headers are seen.
   */
  wrapResponse?(next: ResponseSink): ResponseSink;
  /** The response can be written to again (after `encodeData` returned false). */
  onDownstreamDrain?(): void;
  /** The stream is over, whichever way. */
  onDestroy?(): void;
}

/** A configured filter. */
export interface HttpFilterFactory {
  readonly name: string;
  create(stream: FilterStream): HttpFilter;
}

/** The stream as its filters see it. */
export interface FilterStream {
  readonly info: StreamInfo;
  readonly headers: HeaderMap;
  readonly route: RouteResult;
  readonly span: Span;
  /** For the spans of upstream attempts, where those are wanted. */
  readonly spanTags: SpanTagOptions;
  /** HCM tracing.spawn_upstream_span. */
  readonly spawnsUpstreamSpans: boolean;
  /** The request's random number: fractions that have to agree use it. */
  readonly random: number;
  readonly internal: boolean;
  /** The upgrade that was asked for and is allowed, lower-case. */
  readonly upgrade: string | undefined;
  /** The whole request has arrived. */
  readonly requestComplete: boolean;
  readonly responseStarted: boolean;
  /** Listener's buffer limit, bytes. */
  readonly bufferLimitBytes: number;

  filterConfig(name: string): PerFilterConfig | undefined;
  continueDecoding(): void;
  /** Puts bytes before the body that a filter which said "stop" has kept so far. */
  prependHeld(chunk: Buffer): void;
  /** Finds the route anew, by the headers as they are now. */
  clearRouteCache(): void;
  sendLocalReply(reply: LocalReply): void;

  encodeInformational(headers: HeaderMap): void;
  /** `details` is %RESPONSE_CODE_DETAILS%. */
  encodeHeaders(headers: HeaderMap, endStream: boolean, details: string): void;
  /** False: stop for now, `onDownstreamDrain` follows. */
  encodeData(chunk: Buffer, endStream: boolean): boolean;
  encodeTrailers(trailers: HeaderMap): void;
  /** A filter that took no more of the response (its `data` said false) takes it again. */
  responseDrained(): void;
  /** The response cannot be finished: cut it. */
  resetStream(): void;
  pauseReading(): void;
  resumeReading(): void;
}
