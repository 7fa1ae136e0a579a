import { lowTraceId, type Span } from "../../model/span.ts";
import { createEndpointKey } from "./endpoint-key.ts";
import { Interner } from "./interner.ts";
import { LinkCounts } from "./link-counts.ts";
import { LinkSets } from "./link-sets.ts";
import { SearchIndexes } from "./search-indexes.ts";
import { sign } from "./signature.ts";
import { field, Slabs, type SpanAddress } from "./slabs.ts";
import { spanFlags } from "./span-flags.ts";
import { TimeIndex } from "./time-index.ts";
import { type TraceRow, TraceTable } from "./trace-table.ts";

/** Bits of a trace row's flags. */
export const traceFlag = { mixedWidths: 1, manyEntries: 2 } as const;

/** Chains longer than this get a hash of their spans, so that repeats are found quickly. */
const LONG_CHAIN = 64;

/** Spans in slabs, traces in a table, and what finds them. No clock, no I/O. */
export class TraceStore {
  readonly slabs: Slabs = new Slabs();
  readonly traces: TraceTable = new TraceTable();
  readonly texts: Interner = new Interner();
  readonly endpoints: Interner = new Interner();
  readonly linkSets: LinkSets = new LinkSets();
  readonly linkCounts: LinkCounts = new LinkCounts(this.traces);
  readonly indexes: SearchIndexes;
  /** Each trace once, by its oldest span: the order of eviction. */
  readonly oldest: TimeIndex = new TimeIndex(this.traces);
  /** The service (in `texts`) of each local endpoint. */
  private readonly endpointServices: number[] = [0];
  private readonly longChains = new Map<TraceRow, Map<number, SpanAddress[]>>();
  private spanTotal = 0;

  constructor(searchEnabled: boolean) {
    this.indexes = new SearchIndexes(this, searchEnabled);
  }

  get spanCount(): number {
    return this.spanTotal;
  }

  /** Bytes accounted for. */
  get bytes(): number {
    return (
      this.slabs.live +
      this.traces.bytes +
      this.texts.bytes +
      this.endpoints.bytes +
      this.indexes.bytes +
      this.linkSets.bytes +
      this.linkCounts.bytes +
      this.oldest.bytes
    );
  }

  /** The row of the trace, whatever the width of its id. */
  find(traceId: string): TraceRow | undefined {
    const low = lowTraceId(traceId);
    return this.traces.find(parseHalf(low, 0), parseHalf(low, 8));
  }

  add(spans: readonly Span[]): void {
    for (const span of spans) {
      const row = this.findOrCreate(span.traceId);
      const isNew = this.traces.spanCount[row] === 0;
      const time = Math.floor((span.timestamp ?? 0) / 1000);
      const address = this.addSpan(row, span, time);
      if (address !== 0) this.indexes.note(row, isNew, time, this.service(address), span);
    }
    this.indexes.endBatch();
  }

  /** Removes the whole trace; returns how many spans it had. */
  evict(row: TraceRow): number {
    this.indexes.removeTrace(row);
    this.oldest.delete(this.traces.oldest[row] ?? 0, row);
    this.longChains.delete(row);
    let evicted = 0;
    let next = 0;
    for (let address = this.traces.first[row] ?? 0; address !== 0; address = next) {
      next = this.slabs.read(address, field.next);
      this.releaseTexts(address);
      this.slabs.free(address);
      evicted++;
    }
    this.linkCounts.remove(row);
    this.linkSets.release(this.traces.linkSet[row] ?? 0);
    this.traces.remove(row);
    this.spanTotal -= evicted;
    return evicted;
  }

  /** In order of arrival. */
  *addresses(row: TraceRow): Generator<SpanAddress, void, undefined> {
    for (let address = this.traces.first[row] ?? 0; address !== 0; ) {
      yield address;
      address = this.slabs.read(address, field.next);
    }
  }

  /** Milliseconds. */
  time(address: SpanAddress): number {
    return Math.floor(this.slabs.timestamp(address) / 1000);
  }

  /** The local service's number in `texts`; 0 for none. */
  service(address: SpanAddress): number {
    return this.endpointServices[this.slabs.read(address, field.endpoint)] ?? 0;
  }

  /** Moves the spans of the emptiest slab together; true when there was one worth it. */
  compact(): boolean {
    const slab = this.slabs.sparsest();
    if (slab === undefined) return false;
    for (const address of this.slabs.liveSpans(slab)) this.moveSpan(address);
    return true;
  }

  private findOrCreate(traceId: string): TraceRow {
    const low = lowTraceId(traceId);
    const high = parseHalf(low, 0);
    const rest = parseHalf(low, 8);
    const known = this.traces.find(high, rest);
    const isWide = traceId.length === 32;
    const upperHigh = isWide ? parseHalf(traceId, 0) : 0;
    const upperLow = isWide ? parseHalf(traceId, 8) : 0;
    if (known !== undefined) {
      if (this.traces.upperHigh[known] !== upperHigh || this.traces.upperLow[known] !== upperLow) {
        this.setFlag(known, traceFlag.mixedWidths);
      }
      return known;
    }
    const row = this.traces.add(high, rest);
    this.traces.upperHigh[row] = upperHigh;
    this.traces.upperLow[row] = upperLow;
    return row;
  }

  setFlag(row: TraceRow, flag: number): void {
    this.traces.flags[row] = (this.traces.flags[row] ?? 0) | flag;
  }

  hasFlag(row: TraceRow, flag: number): boolean {
    return ((this.traces.flags[row] ?? 0) & flag) !== 0;
  }

  /** 0 when the very same span is there already. */
  private addSpan(row: TraceRow, span: Span, time: number): SpanAddress {
    const json = JSON.stringify(span);
    const timestamp = span.timestamp ?? 0;
    const check = (parseHalf(span.id, 8) ^ Math.imul(json.length, 31) ^ (timestamp & -1)) >>> 0;
    if (this.isRepeat(row, json, check)) return 0;
    const address = this.slabs.add(json, {
      trace: row,
      endpoint: this.holdEndpoint(span),
      remote: this.holdText(span.remoteEndpoint?.serviceName),
      name: this.holdText(span.name),
      flags: spanFlags(span),
      check,
      timestamp,
      duration: span.duration ?? 0,
    });
    this.link(row, address, time, check);
    if ((span.duration ?? 0) > (this.traces.longest[row] ?? 0)) {
      this.traces.longest[row] = span.duration ?? 0;
    }
    sign(this.traces.signature, row, span);
    return address;
  }

  private link(row: TraceRow, address: SpanAddress, time: number, check: number): void {
    const { traces } = this;
    const count = traces.spanCount[row] ?? 0;
    if (count === 0) {
      traces.first[row] = address;
      traces.oldest[row] = time;
      this.oldest.insert(time, row);
    } else {
      this.slabs.write(traces.last[row] ?? 0, field.next, address);
      const before = traces.oldest[row] ?? 0;
      if (time < before) {
        this.oldest.delete(before, row);
        traces.oldest[row] = time;
        this.oldest.insert(time, row);
      }
    }
    traces.last[row] = address;
    traces.spanCount[row] = count + 1;
    this.linkCounts.forget(row);
    this.linkSets.release(traces.linkSet[row] ?? 0);
    traces.linkSet[row] = 0;
    this.spanTotal++;
    const chain = this.longChains.get(row);
    if (chain !== undefined) addTo(chain, check, address);
  }

  private isRepeat(row: TraceRow, json: string, check: number): boolean {
    const count = this.traces.spanCount[row] ?? 0;
    if (count === 0) return false;
    const candidates = count < LONG_CHAIN ? this.addresses(row) : this.chain(row).get(check);
    for (const address of candidates ?? []) {
      if (this.slabs.read(address, field.check) !== check) continue;
      if (this.slabs.jsonText(address) === json) return true;
    }
    return false;
  }

  private chain(row: TraceRow): Map<number, SpanAddress[]> {
    let chain = this.longChains.get(row);
    if (chain === undefined) {
      chain = new Map();
      for (const address of this.addresses(row)) {
        addTo(chain, this.slabs.read(address, field.check), address);
      }
      this.longChains.set(row, chain);
    }
    return chain;
  }

  private holdText(text: string | undefined): number {
    return text === undefined ? 0 : this.texts.hold(text);
  }

  private holdEndpoint(span: Span): number {
    const endpoint = span.localEndpoint;
    if (endpoint === undefined) return 0;
    const id = this.endpoints.hold(createEndpointKey(endpoint));
    if (this.endpointServices[id] === undefined || this.endpointServices[id] === 0) {
      this.endpointServices[id] = this.holdText(endpoint.serviceName);
    }
    return id;
  }

  private releaseTexts(address: SpanAddress): void {
    this.texts.release(this.slabs.read(address, field.name));
    this.texts.release(this.slabs.read(address, field.remote));
    const endpoint = this.slabs.read(address, field.endpoint);
    if (endpoint !== 0 && this.endpoints.release(endpoint)) {
      this.texts.release(this.endpointServices[endpoint] ?? 0);
      this.endpointServices[endpoint] = 0;
    }
  }

  private moveSpan(address: SpanAddress): void {
    const row = this.slabs.read(address, field.trace);
    let before = 0;
    for (const other of this.addresses(row)) {
      if (other === address) break;
      before = other;
    }
    const moved = this.slabs.move(address);
    if (before === 0) this.traces.first[row] = moved;
    else this.slabs.write(before, field.next, moved);
    if (this.traces.last[row] === address) this.traces.last[row] = moved;
    this.longChains.delete(row); // rebuilt when it is needed again
  }
}

function addTo(chain: Map<number, SpanAddress[]>, check: number, address: SpanAddress): void {
  const same = chain.get(check);
  if (same === undefined) chain.set(check, [address]);
  else same.push(address);
}

/** Eight hex digits from `at`. */
function parseHalf(hex: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const code = hex.charCodeAt(i);
    value = (value << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return value >>> 0;
}
