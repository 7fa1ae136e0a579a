import type { EncodedSpans } from "../../model/encoded-spans.ts";
import { type Endpoint, lowTraceId } from "../../model/span.ts";
import { hashBytes, rawText } from "./byte-hash.ts";
import { Interner } from "./interner.ts";
import { LinkCounts } from "./link-counts.ts";
import { LinkSets } from "./link-sets.ts";
import { LONG_CHAIN, LongChains } from "./long-chains.ts";
import { SearchIndexes } from "./search-indexes.ts";
import { sign } from "./signature.ts";
import { createHead, field, Slabs, type SpanAddress } from "./slabs.ts";
import { ENDPOINT, NAME, type Part, SpanReader } from "./span-reader.ts";
import { TimeIndex } from "./time-index.ts";
import { type TraceRow, TraceTable } from "./trace-table.ts";

/** Bits of a trace row's flags. */
export const traceFlag = { mixedWidths: 1, manyEntries: 2 } as const;

/** Spans in slabs, traces in a table, and what finds them. No clock, no I/O. */
export class TraceStore {
  readonly slabs: Slabs = new Slabs();
  readonly traces: TraceTable = new TraceTable();
  /** Names of services, near and remote. */
  readonly services: Interner = new Interner(NAME);
  readonly spanNames: Interner = new Interner(NAME);
  readonly endpoints: Interner = new Interner(ENDPOINT);
  readonly linkSets: LinkSets = new LinkSets();
  readonly linkCounts: LinkCounts = new LinkCounts(this.traces);
  readonly indexes: SearchIndexes;
  /** Each trace once, by its oldest span: the order of eviction. */
  readonly oldest: TimeIndex = new TimeIndex(this.traces);
  /** The service (in `services`) of each local endpoint. */
  private readonly endpointServices: number[] = [0];
  private readonly reader = new SpanReader();
  /** One for all spans, as they are many. */
  private readonly head = createHead();
  private readonly longChains = new LongChains(this.slabs);
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
      this.services.bytes +
      this.spanNames.bytes +
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

  add({ bytes, starts, ends }: EncodedSpans): void {
    const { reader } = this;
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i] ?? 0;
      reader.read(bytes, start);
      const row = this.findOrCreate();
      const isNew = this.traces.spanCount[row] === 0;
      const address = this.addSpan(row, bytes, start, ends[i] ?? 0);
      if (address === 0) continue;
      const time = Math.floor(reader.timestamp / 1000);
      this.indexes.note(row, isNew, time, this.service(address));
      if (this.indexes.isEnabled) this.noteNames(address);
    }
    this.indexes.endBatch();
  }

  /** Removes the whole trace; returns how many spans it had. */
  evict(row: TraceRow): number {
    this.indexes.removeTrace(row);
    this.oldest.delete(this.traces.oldest[row] ?? 0, row);
    this.longChains.forget(row);
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

  /** The local service's number in `services`; 0 for none. */
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

  private noteNames(address: SpanAddress): void {
    const name = this.spanNames.text(this.slabs.read(address, field.name));
    const remote = this.services.text(this.slabs.read(address, field.remote));
    this.indexes.noteNames(this.service(address), name, remote);
  }

  private findOrCreate(): TraceRow {
    const { idHigh, idLow, upperHigh, upperLow, hasEmptyUpper } = this.reader;
    const known = this.traces.find(idHigh, idLow);
    if (known !== undefined) {
      const { upperHigh: high, upperLow: low } = this.traces;
      const isSame = high[known] === upperHigh && low[known] === upperLow && !hasEmptyUpper;
      if (!isSame) this.setFlag(known, traceFlag.mixedWidths);
      return known;
    }
    const row = this.traces.add(idHigh, idLow);
    this.traces.upperHigh[row] = upperHigh;
    this.traces.upperLow[row] = upperLow;
    if (hasEmptyUpper) this.setFlag(row, traceFlag.mixedWidths); // told apart span by span
    return row;
  }

  setFlag(row: TraceRow, flag: number): void {
    this.traces.flags[row] = (this.traces.flags[row] ?? 0) | flag;
  }

  hasFlag(row: TraceRow, flag: number): boolean {
    return ((this.traces.flags[row] ?? 0) & flag) !== 0;
  }

  /** 0 when the very same span is there already. */
  private addSpan(row: TraceRow, bytes: Buffer, start: number, end: number): SpanAddress {
    const { reader, traces } = this;
    const { timestamp, duration } = reader;
    const check = (reader.spanId ^ Math.imul(end - start, 31) ^ (timestamp & -1)) | 0;
    if (this.isRepeat(row, bytes, start, end, check)) return 0;
    const { head } = this;
    head.trace = row;
    head.endpoint = this.holdEndpoint(bytes);
    head.remote = hold(this.services, bytes, reader.remoteService);
    head.name = hold(this.spanNames, bytes, reader.name);
    head.flags = reader.flags;
    head.check = check;
    head.timestamp = timestamp;
    head.duration = duration;
    const address = this.slabs.add(bytes, start, end, head);
    this.link(row, address, Math.floor(timestamp / 1000), check);
    if (duration > (traces.longest[row] ?? 0)) traces.longest[row] = duration;
    sign(traces.signature, row, reader);
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
    this.longChains.add(row, check, address);
  }

  private isRepeat(
    row: TraceRow,
    bytes: Buffer,
    start: number,
    end: number,
    check: number,
  ): boolean {
    const { slabs } = this;
    const count = this.traces.spanCount[row] ?? 0;
    if (count >= LONG_CHAIN) {
      const candidates = this.longChains.find(row, this.addresses(row), check);
      return candidates.some((address) => slabs.isSame(address, bytes, start, end));
    }
    let address = count === 0 ? 0 : (this.traces.first[row] ?? 0);
    for (; address !== 0; address = slabs.read(address, field.next)) {
      const isCandidate = slabs.read(address, field.check) === check;
      if (isCandidate && slabs.isSame(address, bytes, start, end)) return true;
    }
    return false;
  }

  private holdEndpoint(bytes: Buffer): number {
    const part = this.reader.localEndpoint;
    const id = hold(this.endpoints, bytes, part);
    if (id !== 0 && (this.endpointServices[id] ?? 0) === 0) {
      const endpoint = JSON.parse(bytes.toString("utf8", part.start, part.end)) as Endpoint;
      this.endpointServices[id] = this.holdService(endpoint.serviceName);
    }
    return id;
  }

  private holdService(text: string | undefined): number {
    if (text === undefined) return 0;
    const raw = rawText(text);
    return this.services.hold(raw, 0, raw.length, hashBytes(raw, 0, raw.length, NAME));
  }

  private releaseTexts(address: SpanAddress): void {
    this.spanNames.release(this.slabs.read(address, field.name));
    this.releaseService(this.slabs.read(address, field.remote));
    const endpoint = this.slabs.read(address, field.endpoint);
    if (endpoint !== 0 && this.endpoints.release(endpoint)) {
      this.releaseService(this.endpointServices[endpoint] ?? 0);
      this.endpointServices[endpoint] = 0;
      this.linkSets.forgetShapes();
    }
  }

  private releaseService(service: number): void {
    if (this.services.release(service)) this.linkSets.forgetShapes();
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
    this.longChains.forget(row); // rebuilt when it is needed again
  }
}

function hold(interner: Interner, bytes: Buffer, { start, end, hash }: Part): number {
  return end === 0 ? 0 : interner.hold(bytes, start, end, hash);
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
