import { field, type Slabs, type SpanAddress } from "./slabs.ts";
import type { TraceRow } from "./trace-table.ts";

/** Spans. Traces with more get an index of their checks, so that repeats are found quickly. */
export const LONG_CHAIN = 64;

/** The spans of long traces by their checks (see slabs.ts). Made when one is first asked for. */
export class LongChains {
  private readonly slabs: Slabs;
  private readonly chains = new Map<TraceRow, Map<number, SpanAddress[]>>();

  constructor(slabs: Slabs) {
    this.slabs = slabs;
  }

  /** The spans of the trace that have this check. */
  find(row: TraceRow, all: Iterable<SpanAddress>, check: number): readonly SpanAddress[] {
    let chain = this.chains.get(row);
    if (chain === undefined) {
      chain = new Map();
      for (const address of all) addTo(chain, this.slabs.read(address, field.check), address);
      this.chains.set(row, chain);
    }
    return chain.get(check) ?? [];
  }

  add(row: TraceRow, check: number, address: SpanAddress): void {
    const chain = this.chains.get(row);
    if (chain !== undefined) addTo(chain, check, address);
  }

  /** When the trace goes, or its spans have moved. */
  forget(row: TraceRow): void {
    this.chains.delete(row);
  }
}

function addTo(chain: Map<number, SpanAddress[]>, check: number, address: SpanAddress): void {
  const same = chain.get(check);
  if (same === undefined) chain.set(check, [address]);
  else same.push(address);
}
