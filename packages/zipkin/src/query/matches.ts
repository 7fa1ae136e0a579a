import type { Span } from "../model/span.ts";
import type { SearchRequest } from "./search-request.ts";

/** Microseconds: the first root that has a timestamp, else the earliest span; 0 when none has one. */
export function traceTimestamp(spans: readonly Span[]): number {
  let earliest = 0;
  for (const { timestamp, parentId } of spans) {
    if (timestamp === undefined) continue;
    if (parentId === undefined) return timestamp;
    if (earliest === 0 || timestamp < earliest) earliest = timestamp;
  }
  return earliest;
}

export function isInWindow(timestampMicros: number, request: SearchRequest): boolean {
  return (
    timestampMicros !== 0 &&
    timestampMicros >= (request.endTs - request.lookback) * 1000 &&
    timestampMicros <= request.endTs * 1000
  );
}

export function isInDurations(durationMicros: number, request: SearchRequest): boolean {
  if (request.minDuration === undefined) return true;
  return (
    durationMicros >= request.minDuration && durationMicros <= (request.maxDuration ?? Infinity)
  );
}

/** Removes from `wanted` each condition that the span meets. */
export function strikeConditions(span: Span, wanted: Map<string, string>): void {
  for (const { value } of span.annotations ?? []) {
    if (wanted.get(value) === "") wanted.delete(value);
  }
  const tags = span.tags;
  if (tags === undefined) return;
  for (const [key, value] of [...wanted]) {
    if (!Object.hasOwn(tags, key)) continue;
    if (value === "" || value === tags[key]) wanted.delete(key);
  }
}

/**
 * Each criterion must be met by some span of the service (of any, when none is asked for);
 * different criteria may be met by different spans.
 */
export function matchesTrace(spans: readonly Span[], request: SearchRequest): boolean {
  if (!isInWindow(traceTimestamp(spans), request)) return false;
  const { serviceName, remoteServiceName, spanName } = request;
  const wanted = new Map(request.annotationQuery);
  let service = serviceName === undefined;
  let remote = remoteServiceName === undefined;
  let name = spanName === undefined;
  let duration = request.minDuration === undefined;
  for (const span of spans) {
    if (serviceName !== undefined && span.localEndpoint?.serviceName !== serviceName) continue;
    service = true;
    remote ||= span.remoteEndpoint?.serviceName === remoteServiceName;
    name ||= span.name === spanName;
    duration ||= isInDurations(span.duration ?? 0, request);
    if (wanted.size > 0) strikeConditions(span, wanted);
  }
  return service && remote && name && duration && wanted.size === 0;
}
