import { createServiceEntry, type ServiceEntry } from "./service-names.ts";
import { ServiceSets } from "./service-sets.ts";
import { TimeIndex } from "./time-index.ts";
import { type TraceStore, traceFlag } from "./trace-store.ts";
import type { TraceRow } from "./trace-table.ts";

/**
 * Milliseconds. A trace has one entry in an index for each second in which it has spans, at the
 * newest of them. Entries overtaken by later reports stay until eviction: whoever reads downwards
 * meets the right one first.
 */
export const BUCKET_MS = 1000;

/** Bytes of what is kept of a service besides names and its index: a guess. */
const ENTRY_BYTES = 512;

/** What one batch adds to a trace. */
interface Touch {
  readonly isNew: boolean;
  /** Milliseconds of the new spans. */
  readonly times: number[];
  /** Services the trace was not known to go through. */
  readonly services: number[];
}

/** Finds traces by time, in all and by service. */
export class SearchIndexes {
  readonly all: TimeIndex;
  private readonly services = new Map<number, ServiceEntry>();
  private readonly sets = new ServiceSets();
  private readonly store: TraceStore;
  /** Whether names and services are kept. */
  readonly isEnabled: boolean;
  private entries = 0;
  /** Bytes of names and of what is kept of each service. */
  private nameBytes = 0;
  private readonly touched = new Map<TraceRow, Touch>();

  constructor(store: TraceStore, searchEnabled: boolean) {
    this.store = store;
    this.isEnabled = searchEnabled;
    this.all = new TimeIndex(store.traces);
  }

  get bytes(): number {
    return this.all.bytes + this.entries * 12 + this.sets.bytes + this.nameBytes;
  }

  service(name: string): ServiceEntry | undefined {
    const id = this.store.services.find(name);
    return id === undefined ? undefined : this.services.get(id);
  }

  serviceNames(): string[] {
    return Array.from(this.services.keys(), (id) => this.store.services.text(id) ?? "").sort();
  }

  /** Each trace that has a span in the window, the one with the newest first. */
  rowsBetween(fromMs: number, toMs: number): Set<TraceRow> {
    const rows = new Set<TraceRow>();
    const bucketEnd = (bucketOf(toMs) + 1) * BUCKET_MS - 1;
    for (const { row, time } of this.all.descending(bucketEnd, fromMs)) {
      if (time <= toMs || this.hasSpanBetween(row, fromMs, toMs)) rows.add(row);
    }
    return rows;
  }

  /** Remembers a new span until the batch ends. */
  note(row: TraceRow, isNew: boolean, time: number, service: number): void {
    let touch = this.touched.get(row);
    if (touch === undefined) {
      touch = { isNew, times: [time], services: [] };
      this.touched.set(row, touch);
    } else if (touch.times.at(-1) !== time) touch.times.push(time);
    if (!this.isEnabled || service === 0 || touch.services.includes(service)) return;
    if (!this.sets.members(this.setOf(row)).includes(service)) touch.services.push(service);
  }

  /** Names that a span of the service has. They are known at once. */
  noteNames(service: number, name: string | undefined, remote: string | undefined): void {
    if (service === 0) return;
    const { spanNames, remoteNames } = this.entryOf(service);
    if (name !== undefined) this.nameBytes += spanNames.add(name);
    if (remote !== undefined) this.nameBytes += remoteNames.add(remote);
  }

  endBatch(): void {
    for (const [row, touch] of this.touched) this.indexTrace(row, touch);
    this.touched.clear();
  }

  removeTrace(row: TraceRow): void {
    const members = this.sets.members(this.setOf(row));
    for (const time of this.entryTimes(row)) {
      this.all.delete(time, row);
      for (const service of members) {
        if (this.services.get(service)?.index.delete(time, row)) this.entries--;
      }
    }
    for (const service of members) {
      const entry = this.services.get(service);
      if (entry === undefined || --entry.traces > 0) continue;
      this.services.delete(service);
      this.nameBytes -= entry.spanNames.bytes + entry.remoteNames.bytes + ENTRY_BYTES;
    }
    this.sets.release(this.setOf(row));
  }

  private indexTrace(row: TraceRow, touch: Touch): void {
    const { traces } = this.store;
    const newest = touch.isNew ? Number.NEGATIVE_INFINITY : (traces.newest[row] ?? 0);
    const fresh = newestOfEachBucket(touch.times, newest);
    if (fresh.length > (touch.isNew ? 1 : 0)) this.store.setFlag(row, traceFlag.manyEntries);
    const before = this.sets.members(this.setOf(row));
    for (const time of fresh) {
      this.all.insert(time, row);
      for (const service of before) this.insert(service, time, row);
    }
    traces.newest[row] = Math.max(newest, ...fresh);
    this.store.linkCounts.place(row);
    if (touch.services.length > 0) this.addServices(row, touch, fresh);
  }

  private addServices(row: TraceRow, touch: Touch, fresh: readonly number[]): void {
    const set = this.setOf(row);
    this.store.traces.serviceSet[row] = this.sets.holdWith(set, touch.services);
    this.sets.release(set);
    const times = touch.isNew ? fresh : this.entryTimes(row);
    for (const service of touch.services) {
      this.entryOf(service).traces++;
      for (const time of times) this.insert(service, time, row);
    }
  }

  /** Where the trace has entries, and maybe a few places more. */
  private entryTimes(row: TraceRow): number[] {
    if (!this.store.hasFlag(row, traceFlag.manyEntries))
      return [this.store.traces.newest[row] ?? 0];
    const times = new Set<number>();
    for (const address of this.store.addresses(row)) times.add(this.store.time(address));
    return [...times];
  }

  private insert(service: number, time: number, row: TraceRow): void {
    if (this.services.get(service)?.index.insert(time, row)) this.entries++;
  }

  hasSpanBetween(row: TraceRow, fromMs: number, toMs: number): boolean {
    for (const address of this.store.addresses(row)) {
      const time = this.store.time(address);
      if (time >= fromMs && time <= toMs) return true;
    }
    return false;
  }

  private entryOf(service: number): ServiceEntry {
    let entry = this.services.get(service);
    if (entry === undefined) {
      entry = createServiceEntry(this.store.traces);
      this.services.set(service, entry);
      this.nameBytes += ENTRY_BYTES;
    }
    return entry;
  }

  private setOf(row: TraceRow): number {
    return this.store.traces.serviceSet[row] ?? 0;
  }
}

export function bucketOf(time: number): number {
  return Math.floor(time / BUCKET_MS);
}

/** But for those of `before`'s bucket that are not later. Usually one: the spans of a batch are close together. */
function newestOfEachBucket(times: readonly number[], before: number): number[] {
  const first = bucketOf(times[0] ?? 0);
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? 0;
    if (bucketOf(time) !== first) return newestOfMany(times, before);
    if (time > latest) latest = time;
  }
  return isFresh(latest, before) ? [latest] : [];
}

function newestOfMany(times: readonly number[], before: number): number[] {
  const newest = new Map<number, number>();
  for (const time of times) {
    const bucket = bucketOf(time);
    if (time > (newest.get(bucket) ?? Number.NEGATIVE_INFINITY)) newest.set(bucket, time);
  }
  return [...newest.values()].filter((time) => isFresh(time, before));
}

function isFresh(time: number, before: number): boolean {
  return bucketOf(time) !== bucketOf(before) || time > before;
}
