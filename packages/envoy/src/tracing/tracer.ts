/**
 * The seam between the connection manager and the tracers (zipkin/, opentelemetry/): the tracer decides ids and wire format, the connection
 * manager decides when. Same division as Envoy's Tracing::Driver and Tracing::Span.
 */
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";

/** Which way the listener faces (listener.traffic_direction). */
export type TrafficDirection = "UNSPECIFIED" | "INBOUND" | "OUTBOUND";

/** What the local sampling rules say about a request (x-request-id's nibble tells the same to the next hop). */
export type TraceReason =
  | "not-traceable"
  | "health-check"
  | "sampling"
  | "service-forced"
  | "client-forced"
  | "not-traceable-request-id";

export interface TracingDecision {
  readonly traced: boolean;
  readonly reason: TraceReason;
}

export interface StartSpan {
  readonly headers: HeaderMap;
  readonly info: StreamInfo;
  readonly decision: TracingDecision;
  readonly operation: string;
  readonly direction: TrafficDirection;
  /**
   * HCM tracing.spawn_upstream_span: the downstream span is SERVER whatever the direction and upstream spans are CLIENT. The router's
   * start_child_span does not belong here: it adds spans of the listener's own kind.
   */
  readonly spawnUpstreamSpan: boolean;
  readonly noContextPropagation: boolean;
}

/** A span under way. All methods are cheap no-ops where nothing is traced. */
export interface Span {
  /** False: tags and annotations would go nowhere, so there is no need to work them out. */
  readonly isRecording: boolean;
  setOperation(name: string): void;
  setTag(key: string, value: string): void;
  /** An annotation (Zipkin) or event (OpenTelemetry); microseconds since the epoch. */
  log(timestampMicros: number, event: string): void;
  /**
   * Writes the context for the upstream into the request's headers, as the tracer's propagation rules say. `target` is the endpoint that
   * gets them, where it is known.
   */
  injectContext(headers: HeaderMap, target?: string): void;
  /** The span of one upstream attempt. */
  spawnChild(operation: string, startTimeMicros: number): Span;
  /**
   * A call that the proxy makes on its own account beside the request (Envoy's async client): always CLIENT, with an id of its own.
   * `sampled` decides for it and what follows of it; undefined: as the parent.
   */
  spawnClient(operation: string, startTimeMicros: number, sampled: boolean | undefined): Span;
  /** Ends and reports it when sampled; microseconds since the epoch. */
  finish(endTimeMicros: number): void;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

export interface Tracer {
  startSpan(start: StartSpan): Span;
  /** Sends what is pending, waits at most `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}
