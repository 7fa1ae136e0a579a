import { TimeIndex } from "./time-index.ts";
import type { TraceTable } from "./trace-table.ts";

/** Names remembered a service (and values a key): beyond it the one seen first is forgotten. */
export const NAME_LIMIT = 10_000;

/** What is known of one service while it takes part in any stored trace. */
export interface ServiceEntry {
  readonly index: TimeIndex;
  readonly spanNames: BoundedNames;
  readonly remoteNames: BoundedNames;
  traces: number;
}

export function createServiceEntry(traces: TraceTable): ServiceEntry {
  return {
    index: new TimeIndex(traces),
    spanNames: new BoundedNames(),
    remoteNames: new BoundedNames(),
    traces: 0,
  };
}

/** A set of names that cannot grow for ever. */
export class BoundedNames {
  private readonly names = new Set<string>();
  private heldBytes = 0;

  get bytes(): number {
    return this.heldBytes;
  }

  /** Gives the bytes by which they grow. */
  add(name: string): number {
    if (this.names.has(name)) return 0;
    const before = this.heldBytes;
    this.names.add(name);
    this.heldBytes += cost(name);
    if (this.names.size > NAME_LIMIT) this.forgetOldest();
    return this.heldBytes - before;
  }

  private forgetOldest(): void {
    for (const oldest of this.names) {
      this.names.delete(oldest);
      this.heldBytes -= cost(oldest);
      return;
    }
  }

  sorted(): string[] {
    return [...this.names].sort();
  }
}

function cost(name: string): number {
  return name.length * 2 + 48;
}
