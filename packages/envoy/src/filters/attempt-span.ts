/** The trace context that one attempt takes along, and its span where the configuration wants attempts to have spans. */
import { nowMicros } from "../time/clock.ts";
import { finalizeUpstreamSpan } from "../tracing/finalize-span.ts";
import type { ForwardingStream } from "./forwarding-plan.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

/** `startsChildSpan`: the router's setting of that name. */
export function traceAttempt(
  stream: ForwardingStream,
  request: UpstreamRequest,
  startsChildSpan: boolean,
): void {
  if (stream.spawnsUpstreamSpans || startsChildSpan) {
    const name = `router ${request.cluster.statName} egress`;
    request.span = stream.span.spawnChild(name, nowMicros());
  }
  const span = request.span ?? stream.span;
  span.injectContext(stream.headers, request.host.name);
}

/** Ends the attempt's span; a second call does nothing. */
export function finishAttemptSpan(stream: ForwardingStream, request: UpstreamRequest): void {
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
    headersOnly: request.headersOnly,
  };
  finalizeUpstreamSpan(span, stream.info, attempt, stream.spanTags, nowMicros());
}
