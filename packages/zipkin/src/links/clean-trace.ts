import type { Endpoint, EndpointDraft, Span, SpanDraft } from "../model/span.ts";

/**
 * Puts the pieces of each span together (same id, same shared flag, endpoints that do not contradict)
 * and repairs a server half that forgot its shared flag or its parent.
 */
export function cleanTrace(spans: readonly Span[]): readonly Span[] {
  const sorted = spans.toSorted(compareSpans);
  const cleaned: Span[] = [];
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i];
    if (first === undefined) break;
    let merged: Span = first;
    let endpoint = first.localEndpoint;
    for (i++; i < sorted.length; i++) {
      const next = sorted[i];
      if (next === undefined || next.id !== first.id || !!next.shared !== !!first.shared) break;
      if (!areCompatible(endpoint, next.localEndpoint)) break;
      endpoint = mergeEndpoints(endpoint, next.localEndpoint);
      merged = mergeSpans(merged, next);
    }
    cleaned.push(repair(merged, first, cleaned.at(-1)));
  }
  return cleaned;
}

/**
 * Older instrumentation leaves out the shared flag, and sometimes the parent, on the server side. What the
 * first piece of the span says decides, not what was put together.
 */
function repair(merged: Span, first: Span, before: Span | undefined): Span {
  if (before === undefined || before.id !== first.id) return merged;
  const lacksFlag = before.kind === "CLIENT" && first.kind === "SERVER" && !first.shared;
  const isShared = lacksFlag || first.shared === true;
  const lacksParent = isShared && first.parentId === undefined && before.parentId !== undefined;
  if (!lacksFlag && !lacksParent) return merged;
  const repaired: SpanDraft = { ...merged, shared: true };
  if (lacksParent) repaired.parentId = before.parentId;
  return repaired;
}

/** By id; the client half first, shared halves last; among equals those without endpoint first. */
function compareSpans(left: Span, right: Span): number {
  if (left.id !== right.id) return left.id < right.id ? -1 : 1;
  return rank(left) - rank(right) || compareEndpoints(left.localEndpoint, right.localEndpoint);
}

function rank(span: Span): number {
  if (span.shared) return 2;
  return span.kind === "CLIENT" ? 0 : 1;
}

function compareEndpoints(left: Endpoint | undefined, right: Endpoint | undefined): number {
  if (left === undefined) return right === undefined ? 0 : -1;
  if (right === undefined) return 1;
  return (
    absentLast(left.serviceName, right.serviceName) ||
    absentLast(left.ipv4, right.ipv4) ||
    absentLast(left.ipv6, right.ipv6)
  );
}

function absentLast(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0;
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  return left < right ? -1 : 1;
}

function areCompatible(left: Endpoint | undefined, right: Endpoint | undefined): boolean {
  if (left === undefined || right === undefined) return true;
  return (
    agree(left.serviceName, right.serviceName) &&
    agree(left.ipv4, right.ipv4) &&
    agree(left.ipv6, right.ipv6) &&
    agree(left.port, right.port)
  );
}

function agree<T>(left: T | undefined, right: T | undefined): boolean {
  return left === undefined || right === undefined || left === right;
}

function mergeEndpoints(
  first: Endpoint | undefined,
  second: Endpoint | undefined,
): Endpoint | undefined {
  if (first === undefined) return second;
  const merged: EndpointDraft = { ...second, ...first };
  return merged;
}

/** What the first report has wins; tags, annotations and flags add up. */
function mergeSpans(first: Span, second: Span): Span {
  const merged: SpanDraft = { ...second, ...first };
  const kind = first.kind ?? second.kind;
  if (kind !== undefined) merged.kind = kind;
  const local = mergeEndpoints(first.localEndpoint, second.localEndpoint);
  if (local !== undefined) merged.localEndpoint = local;
  const remote = mergeEndpoints(first.remoteEndpoint, second.remoteEndpoint);
  if (remote !== undefined) merged.remoteEndpoint = remote;
  if (second.tags !== undefined) merged.tags = { ...second.tags, ...first.tags };
  if (second.annotations !== undefined) {
    merged.annotations = [...(first.annotations ?? []), ...second.annotations];
  }
  return merged;
}
