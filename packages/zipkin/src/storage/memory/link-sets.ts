import type { Call } from "../../links/dependency-link.ts";

/** What the traces of one shape add to the dependency links. */
interface LinkSet {
  readonly links: readonly CountedLink[];
  holders: number;
}

export interface CountedLink {
  readonly parent: string;
  readonly child: string;
  readonly calls: number;
  readonly errors: number;
}

/** Traces that make the same calls share one record of them. 0 means "not worked out yet". */
export class LinkSets {
  private readonly ids = new Map<string, number>();
  private readonly sets: (LinkSet | undefined)[] = [undefined];
  private readonly keys: (string | undefined)[] = [undefined];
  private readonly free: number[] = [];
  private heldBytes = 0;

  get bytes(): number {
    return this.heldBytes;
  }

  links(id: number): readonly CountedLink[] {
    return this.sets[id]?.links ?? [];
  }

  hold(calls: readonly Call[]): number {
    const links = count(calls);
    const key = JSON.stringify(links);
    const known = this.ids.get(key);
    const set = known === undefined ? undefined : this.sets[known];
    if (known !== undefined && set !== undefined) {
      set.holders++;
      return known;
    }
    const id = this.free.pop() ?? this.sets.length;
    this.ids.set(key, id);
    this.keys[id] = key;
    this.sets[id] = { links, holders: 1 };
    this.heldBytes += key.length * 4 + 200;
    return id;
  }

  release(id: number): void {
    const set = this.sets[id];
    const key = this.keys[id];
    if (set === undefined || key === undefined || --set.holders > 0) return;
    this.ids.delete(key);
    this.keys[id] = undefined;
    this.sets[id] = undefined;
    this.free.push(id);
    this.heldBytes -= key.length * 4 + 200;
  }
}

function count(calls: readonly Call[]): CountedLink[] {
  const links: { parent: string; child: string; calls: number; errors: number }[] = [];
  for (const { parent, child, isError } of calls) {
    let link = links.find((other) => other.parent === parent && other.child === child);
    if (link === undefined) {
      link = { parent, child, calls: 0, errors: 0 };
      links.push(link);
    }
    link.calls++;
    if (isError) link.errors++;
  }
  return links.sort((a, b) => compare(a.parent, b.parent) || compare(a.child, b.child));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
