import type { Span } from "../../model/span.ts";
import { isInDurations, isInWindow, strikeConditions } from "../../query/matches.ts";
import type { SearchRequest } from "../../query/search-request.ts";
import { RowSet } from "./row-set.ts";
import { BUCKET_MS, bucketOf } from "./search-indexes.ts";
import { keyTerm, mayHave, nameTerm, tagTerm } from "./signature.ts";
import { field, type SpanAddress } from "./slabs.ts";
import { hasParent } from "./span-flags.ts";
import type { TimeEntry, TimeIndex } from "./time-index.ts";
import { type TraceStore, traceFlag } from "./trace-store.ts";
import type { TraceRow } from "./trace-table.ts";

/** Candidates passed before other work gets a turn; one that has to be opened counts as several. */
const SLICE = 20_000;
const OPENED = 50;

/** The spans of each trace that matches, newest trace first. */
export async function search(
  store: TraceStore,
  request: SearchRequest,
  strictTraceId: boolean,
  take: (addresses: readonly SpanAddress[]) => void,
): Promise<void> {
  const index = indexFor(store, request);
  const query = index === undefined ? undefined : createQuery(store, request);
  if (index === undefined || query === undefined) return;
  const seen = new RowSet();
  const from = request.endTs - request.lookback;
  let found = 0;
  let looked = 0;
  let to = request.endTs;
  const hidden = hiddenBy(store, index, to);
  for (;;) {
    let resumeAt: number | undefined;
    for (const { row, time } of candidates(store, index, { from, to, hidden })) {
      if (seen.has(row)) continue;
      if (looked >= SLICE) {
        resumeAt = time;
        break;
      }
      seen.add(row);
      looked++;
      if (!mayMatch(store, row, query)) continue;
      looked += OPENED;
      for (const group of matching(store, row, query, strictTraceId)) {
        take(group);
        found++;
      }
      if (found >= request.limit) return;
    }
    if (resumeAt === undefined) return;
    // Traces evicted or added meanwhile do no harm: the scan goes on at a time, not at a position.
    to = resumeAt;
    looked = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function indexFor(store: TraceStore, request: SearchRequest): TimeIndex | undefined {
  if (request.serviceName === undefined) return store.indexes.all;
  return store.indexes.service(request.serviceName)?.index;
}

/** The entry of a trace that may be gone when its turn comes. */
interface HiddenEntry extends TimeEntry {
  readonly idHigh: number;
  readonly idLow: number;
}

/**
 * Entries from `to` downwards. An entry later than the end of the whole search but in the same second may
 * hide an earlier span of its trace that is not: those traces were looked up span by span.
 */
function* candidates(
  store: TraceStore,
  index: TimeIndex,
  { from, to, hidden }: { from: number; to: number; hidden: readonly HiddenEntry[] },
): Generator<TimeEntry, void, undefined> {
  const { traces } = store;
  const left = hidden.filter(
    ({ time, row, idHigh, idLow }) =>
      time >= from && time <= to && traces.find(idHigh, idLow) === row,
  );
  let at = 0;
  for (const entry of index.descending(to, from)) {
    for (
      let next = left[at];
      next !== undefined && isAfter(store, next, entry);
      next = left[++at]
    ) {
      yield next;
    }
    yield entry;
  }
  yield* left.slice(at);
}

/** Newest first. */
function hiddenBy(store: TraceStore, index: TimeIndex, to: number): HiddenEntry[] {
  const { traces } = store;
  const hidden = new Map<TraceRow, HiddenEntry>();
  const bucketEnd = (bucketOf(to) + 1) * BUCKET_MS - 1;
  for (const { row } of index.descending(bucketEnd, to + 1)) {
    if (hidden.has(row)) continue;
    let time = Number.NEGATIVE_INFINITY;
    for (const address of store.addresses(row)) {
      const spanTime = store.time(address);
      if (spanTime <= to && spanTime > time) time = spanTime;
    }
    if (bucketOf(time) !== bucketOf(to)) continue;
    hidden.set(row, { row, time, idHigh: traces.idHigh[row] ?? 0, idLow: traces.idLow[row] ?? 0 });
  }
  return [...hidden.values()].sort((left, right) => (isAfter(store, left, right) ? -1 : 1));
}

function isAfter(store: TraceStore, left: TimeEntry, right: TimeEntry): boolean {
  if (left.time !== right.time) return left.time > right.time;
  return store.traces.compareIds(left.row, right.row) > 0;
}

/** The request with names turned into numbers. */
interface Query {
  readonly request: SearchRequest;
  readonly service: number | undefined;
  readonly remote: number | undefined;
  readonly name: number | undefined;
  readonly terms: readonly number[];
  /** Bytes of which a span that meets one of the conditions has some. */
  readonly needles: readonly Buffer[];
}

/** Undefined when a name is asked for that no stored span has. */
function createQuery(store: TraceStore, request: SearchRequest): Query | undefined {
  const { serviceName, remoteServiceName, spanName } = request;
  const service = serviceName === undefined ? undefined : (store.services.find(serviceName) ?? 0);
  const remote =
    remoteServiceName === undefined ? undefined : (store.services.find(remoteServiceName) ?? 0);
  const name = spanName === undefined ? undefined : (store.spanNames.find(spanName) ?? 0);
  if (service === 0 || remote === 0 || name === 0) return undefined;
  const conditions = [...request.annotationQuery];
  const terms = conditions.map(([key, value]) =>
    value === "" ? keyTerm(key) : tagTerm(key, value),
  );
  const needles = conditions.map(([key, value]) =>
    Buffer.from(JSON.stringify(key) + (value === "" ? "" : `:${JSON.stringify(value)}`)),
  );
  if (spanName !== undefined) terms.push(nameTerm(spanName));
  return { request, service, remote, name, terms, needles };
}

/** Cheap and sometimes wrong, but only in saying yes. */
function mayMatch(store: TraceStore, row: TraceRow, query: Query): boolean {
  const { request } = query;
  const { signature, longest } = store.traces;
  if (request.minDuration !== undefined && (longest[row] ?? 0) < request.minDuration) return false;
  for (const term of query.terms) if (!mayHave(signature, row, term)) return false;
  return true;
}

/** A trace whose reporters disagree on the id's width is several traces when ids are strict. */
function matching(
  store: TraceStore,
  row: TraceRow,
  query: Query,
  strictTraceId: boolean,
): (readonly SpanAddress[])[] {
  const addresses = inAnswerOrder(store, row);
  if (!matches(store, addresses, query)) return [];
  if (!strictTraceId || !store.hasFlag(row, traceFlag.mixedWidths)) return [addresses];
  return splitByTraceId(store, addresses).filter((group) => matches(store, group, query));
}

/** In order of arrival, grouped by millisecond. */
export function inAnswerOrder(store: TraceStore, row: TraceRow): readonly SpanAddress[] {
  const addresses: SpanAddress[] = [];
  let before = Number.NEGATIVE_INFINITY;
  let isInOrder = true;
  for (const address of store.addresses(row)) {
    const time = store.time(address);
    if (time < before) isInOrder = false;
    before = time;
    addresses.push(address);
  }
  if (isInOrder) return addresses;
  return [...Map.groupBy(addresses, (address) => store.time(address)).values()].flat();
}

export function splitByTraceId(
  store: TraceStore,
  addresses: readonly SpanAddress[],
): (readonly SpanAddress[])[] {
  return [...Map.groupBy(addresses, (address) => store.slabs.traceId(address)).values()];
}

function matches(store: TraceStore, addresses: readonly SpanAddress[], query: Query): boolean {
  const { request } = query;
  if (!isInWindow(traceTimestamp(store, addresses), request)) return false;
  const { slabs } = store;
  const wanted = new Map(request.annotationQuery);
  let service = query.service === undefined;
  let remote = query.remote === undefined;
  let name = query.name === undefined;
  let duration = request.minDuration === undefined;
  for (const address of addresses) {
    if (query.service !== undefined && store.service(address) !== query.service) continue;
    service = true;
    remote ||= slabs.read(address, field.remote) === query.remote;
    name ||= slabs.read(address, field.name) === query.name;
    duration ||= isInDurations(slabs.duration(address), request);
    if (wanted.size > 0 && mayMeet(slabs.json(address), query.needles)) {
      strikeConditions(parseSpan(store, address), wanted);
    }
  }
  return service && remote && name && duration && wanted.size === 0;
}

/** Spares the parsing of nearly all spans that meet no condition. */
function mayMeet(json: Buffer, needles: readonly Buffer[]): boolean {
  return needles.some((needle) => json.includes(needle));
}

function traceTimestamp(store: TraceStore, addresses: readonly SpanAddress[]): number {
  let earliest = 0;
  for (const address of addresses) {
    const timestamp = store.slabs.timestamp(address);
    if (timestamp === 0) continue;
    if (!hasParent(store.slabs.read(address, field.flags))) return timestamp;
    if (earliest === 0 || timestamp < earliest) earliest = timestamp;
  }
  return earliest;
}

/** What this store has written is a span. */
export function parseSpan(store: TraceStore, address: SpanAddress): Span {
  return JSON.parse(store.slabs.jsonText(address)) as Span;
}
