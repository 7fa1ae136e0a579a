import { byte } from "../../codec/json-bytes.ts";
import type { DependencyLink } from "../../links/dependency-link.ts";
import { findCalls } from "../../links/find-calls.ts";
import { decodeSpan, type EncodedSpans, traceIdsOf } from "../../model/encoded-spans.ts";
import { lowTraceId, type Span } from "../../model/span.ts";
import type { SearchRequest } from "../../query/search-request.ts";
import { QuietTraces } from "../quiet-traces.ts";
import type { Storage, StorageOptions, StorageUsage, TraceJson } from "../storage.ts";
import { Autocomplete } from "./autocomplete.ts";
import { type DividedWindow, dividedByPeriods } from "./divided-window.ts";
import type { CountedLink } from "./link-sets.ts";
import { inAnswerOrder, parseSpan, search, splitByTraceId } from "./search.ts";
import type { SpanAddress } from "./slabs.ts";
import { shapeOf } from "./trace-shape.ts";
import { TraceStore, traceFlag } from "./trace-store.ts";
import type { TraceRow } from "./trace-table.ts";

export interface MemoryOptions extends StorageOptions {
  readonly maxSpans: number;
  readonly maxBytes: number;
  /** Milliseconds, from any start. */
  readonly now: () => number;
}

/** Milliseconds without news after which a trace's calls are worked out ahead of the next question. */
const LINK_AFTER_MS = 1000;
/** Milliseconds after a question for which another one is expected. */
const LINKS_WANTED_MS = 600_000;
/** Traces handled before other work gets a turn. */
const SLICE = 200;

interface Snapshot {
  readonly rows: readonly TraceRow[];
  readonly idHigh: Uint32Array;
  readonly idLow: Uint32Array;
}

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function addUp(
  tracesOfSet: ReadonlyMap<number, number>,
  linksOf: (set: number) => readonly CountedLink[],
): DependencyLink[] {
  const totals = new Map<string, { link: CountedLink; calls: number; errors: number }>();
  for (const [set, traces] of tracesOfSet) {
    for (const link of linksOf(set)) {
      const key = JSON.stringify([link.parent, link.child]);
      const total = totals.get(key) ?? { link, calls: 0, errors: 0 };
      total.calls += link.calls * traces;
      total.errors += link.errors * traces;
      totals.set(key, total);
    }
  }
  return Array.from(totals.values(), ({ link, calls, errors }) => ({
    parent: link.parent,
    child: link.child,
    callCount: calls,
    ...(errors > 0 ? { errorCount: errors } : {}),
  }));
}

/** Spans in memory, within two bounds; the traces with the oldest spans go first. */
export class MemoryStorage implements Storage {
  readonly kind = "mem";
  private readonly options: MemoryOptions;
  private readonly data: TraceStore;
  private readonly autocomplete: Autocomplete;
  private readonly quiet: QuietTraces;
  /** When dependencies were last asked for: whoever never does is spared the work. */
  private linksAskedAt = Number.NEGATIVE_INFINITY;
  private evictedSpans = 0;
  private evictedTraces = 0;

  constructor(options: MemoryOptions) {
    this.options = options;
    this.data = new TraceStore(options.searchEnabled);
    this.autocomplete = new Autocomplete(options.searchEnabled ? options.autocompleteKeys : []);
    this.quiet = new QuietTraces(LINK_AFTER_MS, options.now, (id) => {
      const row = this.data.find(id);
      if (row !== undefined) this.linksOf(row);
    });
  }

  store(spans: EncodedSpans): void {
    const { maxSpans, maxBytes } = this.options;
    const count = spans.starts.length;
    while (this.data.spanCount + count > maxSpans && this.evictOldest());
    this.data.add(spans);
    // A batch larger than the bound, or spans larger than usual.
    while (this.data.spanCount > maxSpans && this.evictOldest());
    while (this.bytes() > maxBytes && this.evictOldest());
    this.data.compact();
    if (!this.autocomplete.isEmpty) {
      for (let i = 0; i < count; i++) this.autocomplete.add(decodeSpan(spans, i));
    }
    if (this.options.now() - this.linksAskedAt < LINKS_WANTED_MS) {
      for (const id of traceIdsOf(spans)) this.quiet.touch(lowTraceId(id));
    }
  }

  trace(traceId: string): TraceJson | undefined {
    return this.traces([traceId])[0];
  }

  traces(traceIds: readonly string[]): readonly TraceJson[] {
    const found: TraceJson[] = [];
    const rows = new Map<TraceRow, Set<string>>();
    for (const id of traceIds) {
      const row = this.data.find(id);
      if (row === undefined) continue;
      const asked = rows.get(row);
      if (asked === undefined) rows.set(row, new Set([id]));
      else asked.add(id);
    }
    for (const [row, asked] of rows) found.push(...this.tracesOfRow(row, asked));
    return found;
  }

  async search(request: SearchRequest): Promise<readonly TraceJson[]> {
    if (!this.options.searchEnabled) return [];
    const found: TraceJson[] = [];
    await search(this.data, request, this.options.strictTraceId, (addresses) => {
      found.push(this.copy(addresses));
    });
    return found;
  }

  async *tracesBetween(fromMs: number, toMs: number): AsyncGenerator<readonly Span[]> {
    const snapshot = this.snapshotOf([...this.data.indexes.rowsBetween(fromMs, toMs)]);
    for (const [i, row] of snapshot.rows.entries()) {
      if (this.isStillThere(snapshot, i)) {
        yield inAnswerOrder(this.data, row).map((address) => parseSpan(this.data, address));
      }
      if (i % SLICE === SLICE - 1) await turnOfOthers();
    }
  }

  /** Whole periods count together, so the cost is that of the traces at the window's edges. */
  async dependencies(endTs: number, lookback: number): Promise<readonly DependencyLink[]> {
    this.linksAskedAt = this.options.now();
    const { linkCounts } = this.data;
    const divided = () => dividedByPeriods(linkCounts, endTs - lookback, endTs);
    await this.workOutLinks(divided());
    // What came during the pauses may lie outside, in a period that was whole.
    const window = divided();
    const tracesOfSet = new Map<number, number>();
    const count = (set: number, traces: number): void => {
      tracesOfSet.set(set, (tracesOfSet.get(set) ?? 0) + traces);
    };
    for (const row of linkCounts.unknown(window.first, window.last)) this.linksOf(row);
    for (const [set, traces] of linkCounts.sum(window.first, window.last)) count(set, traces);
    for (const row of this.oneByOne(window)) count(this.linksOf(row), 1);
    return addUp(tracesOfSet, (set) => this.data.linkSets.links(set));
  }

  serviceNames(): readonly string[] {
    return this.data.indexes.serviceNames();
  }

  spanNames(serviceName: string): readonly string[] {
    return this.data.indexes.service(serviceName)?.spanNames.sorted() ?? [];
  }

  remoteServiceNames(serviceName: string): readonly string[] {
    return this.data.indexes.service(serviceName)?.remoteNames.sorted() ?? [];
  }

  autocompleteValues(key: string): readonly string[] {
    return this.autocomplete.sorted(key);
  }

  usage(): StorageUsage {
    return {
      spans: this.data.spanCount,
      traces: this.data.traces.size,
      bytes: this.bytes(),
      maxSpans: this.options.maxSpans,
      maxBytes: this.options.maxBytes,
      evictedSpans: this.evictedSpans,
      evictedTraces: this.evictedTraces,
    };
  }

  check(): void {} // memory is always there

  async close(): Promise<void> {
    this.quiet.close();
  }

  private bytes(): number {
    return this.data.bytes + this.autocomplete.bytes;
  }

  private evictOldest(): boolean {
    const oldest = this.data.oldest.first();
    if (oldest === undefined) return false;
    this.evictedSpans += this.data.evict(oldest.row);
    this.evictedTraces++;
    return true;
  }

  /** Ahead of the sum, and with pauses: after a burst of spans there may be many. */
  private async workOutLinks(window: DividedWindow): Promise<void> {
    let handled = 0;
    for (const row of this.data.linkCounts.unknown(window.first, window.last)) {
      this.linksOf(row);
      if (++handled % SLICE === 0) await turnOfOthers();
    }
    const rows = [...this.oneByOne(window)];
    const snapshot = this.snapshotOf(rows);
    for (const i of rows.keys()) {
      if (this.isStillThere(snapshot, i)) this.linksOf(rows[i] ?? 0);
      if (++handled % SLICE === 0) await turnOfOthers();
    }
  }

  /** Traces in the window that are not in one of its whole periods. */
  private *oneByOne({ fromMs, toMs, edges }: DividedWindow): Generator<TraceRow, void, undefined> {
    const { linkCounts, indexes } = this.data;
    for (const [from, to] of edges) {
      for (const row of indexes.rowsBetween(from, to)) if (!linkCounts.isSpread(row)) yield row;
    }
    for (const row of linkCounts.spread) if (indexes.hasSpanBetween(row, fromMs, toMs)) yield row;
  }

  /** The number of the trace's set of links, worked out now if it was not yet. */
  private linksOf(row: TraceRow): number {
    const known = this.data.traces.linkSet[row] ?? 0;
    if (known !== 0) return known;
    const addresses = inAnswerOrder(this.data, row);
    const set = this.data.linkSets.holdShape(shapeOf(this.data.slabs, addresses), () =>
      findCalls(addresses.map((address) => parseSpan(this.data, address))),
    );
    this.data.traces.linkSet[row] = set;
    this.data.linkCounts.learn(row);
    return set;
  }

  /** Rows with their traces' ids: a row may be given to another trace while others have their turn. */
  private snapshotOf(rows: readonly TraceRow[]): Snapshot {
    const { idHigh, idLow } = this.data.traces;
    return {
      rows,
      idHigh: Uint32Array.from(rows, (row) => idHigh[row] ?? 0),
      idLow: Uint32Array.from(rows, (row) => idLow[row] ?? 0),
    };
  }

  private isStillThere({ rows, idHigh, idLow }: Snapshot, i: number): boolean {
    return this.data.traces.find(idHigh[i] ?? 0, idLow[i] ?? 0) === rows[i];
  }

  private tracesOfRow(row: TraceRow, asked: ReadonlySet<string>): TraceJson[] {
    const addresses = inAnswerOrder(this.data, row);
    if (!this.options.strictTraceId) return [this.copy(addresses)];
    const groups = this.data.hasFlag(row, traceFlag.mixedWidths)
      ? splitByTraceId(this.data, addresses)
      : [addresses];
    return groups
      .filter(([first]) => first !== undefined && asked.has(this.data.slabs.traceId(first)))
      .map((group) => this.copy(group));
  }

  /** Copies, because the bytes may move or go while the answer waits to be sent. */
  private copy(addresses: readonly SpanAddress[]): TraceJson {
    const { slabs } = this.data;
    let length = 1;
    for (const address of addresses) length += slabs.length(address) + 1;
    const json = Buffer.allocUnsafe(length);
    let at = 0;
    for (const address of addresses) {
      json[at] = at === 0 ? byte.openList : byte.comma;
      at += 1 + slabs.copyJson(address, json, at + 1);
    }
    json[at] = byte.closeList;
    return json;
  }
}
