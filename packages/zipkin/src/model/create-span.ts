import { DecodeError } from "./decode-error.ts";
import { normaliseParentId, normaliseSpanId, normaliseTraceId } from "./hex-id.ts";
import type { Annotation, Endpoint, Kind, Span, SpanDraft } from "./span.ts";

/** What a decoder of any format found. Ids are text of any length; zero times mean absent. */
export interface RawSpan {
  readonly traceId?: string | undefined;
  readonly id?: string | undefined;
  readonly parentId?: string | undefined;
  readonly kind?: Kind | undefined;
  readonly name?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly duration?: number | undefined;
  readonly localEndpoint?: Endpoint | undefined;
  readonly remoteEndpoint?: Endpoint | undefined;
  readonly annotations?: readonly Annotation[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly debug?: boolean | undefined;
  readonly shared?: boolean | undefined;
}

/** Applies Zipkin's rules for a span: ids padded, names lower-cased, nothing empty, all in order. */
export function createSpan(raw: RawSpan): Span {
  if (raw.traceId === undefined || raw.id === undefined) throw new DecodeError(missingIds(raw));
  const traceId = normaliseTraceId(raw.traceId);
  const id = normaliseSpanId(raw.id);
  const parentId = raw.parentId === undefined ? undefined : normaliseParentId(raw.parentId);
  return assembleSpan({ traceId, id, parentId }, raw);
}

/** Ids that were checked and padded. */
export interface SpanIds {
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | undefined;
}

/** As `createSpan`, for decoders that check each id as they meet it. */
export function assembleSpan({ traceId, id, parentId }: SpanIds, raw: RawSpan): Span {
  const isRoot = parentId === undefined || parentId === id; // naming oneself as parent is none
  return finish(isRoot ? { traceId, id } : { traceId, parentId, id }, raw);
}

export function missingIds(raw: RawSpan): string {
  const names = [raw.traceId === undefined ? "traceId" : "", raw.id === undefined ? "id" : ""];
  return `Missing : ${names.filter((name) => name !== "").join(" ")}`;
}

function finish(span: SpanDraft, raw: RawSpan): Span {
  if (raw.kind !== undefined) span.kind = raw.kind;
  if (raw.name !== undefined && raw.name !== "") span.name = raw.name.toLowerCase();
  if (raw.timestamp !== undefined && raw.timestamp > 0) span.timestamp = raw.timestamp;
  if (raw.duration !== undefined && raw.duration > 0) span.duration = raw.duration;
  if (raw.localEndpoint !== undefined) span.localEndpoint = raw.localEndpoint;
  if (raw.remoteEndpoint !== undefined) span.remoteEndpoint = raw.remoteEndpoint;
  const annotations = raw.annotations;
  if (annotations !== undefined && annotations.length > 0) {
    span.annotations = sortAnnotations(annotations);
  }
  if (raw.tags !== undefined) {
    const tags = sortTags(raw.tags);
    if (tags !== undefined) span.tags = tags;
  }
  if (raw.debug === true) span.debug = true;
  // A client never shares: it is the side whose id is shared.
  if (raw.shared === true && raw.kind !== "CLIENT") span.shared = true;
  return span;
}

/** By time, then text; an exact repeat is dropped. */
export function sortAnnotations(annotations: readonly Annotation[]): readonly Annotation[] {
  if (annotations.length === 1) return annotations;
  const sorted = annotations.toSorted(compareAnnotations);
  return sorted.filter((annotation, i) => {
    const before = sorted[i - 1];
    return before === undefined || compareAnnotations(before, annotation) !== 0;
  });
}

function compareAnnotations(left: Annotation, right: Annotation): number {
  if (left.timestamp !== right.timestamp) return left.timestamp - right.timestamp;
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
}

/** Sorted by key; the very same object when it is sorted already, the usual case. */
export function sortTags(tags: Readonly<Record<string, string>>): Span["tags"] {
  let before: string | undefined;
  let sorted = true;
  for (const key in tags) {
    if (before !== undefined && before > key) sorted = false;
    before = key;
  }
  if (before === undefined) return undefined;
  if (sorted) return tags;
  const result: Record<string, string> = {};
  for (const key of Object.keys(tags).sort()) putTag(result, key, tags[key] ?? "");
  return result;
}

/** Plain assignment would lose a tag named `__proto__`. */
export function putTag(tags: Record<string, string>, key: string, value: string): void {
  if (key === "__proto__") {
    Object.defineProperty(tags, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else tags[key] = value;
}
