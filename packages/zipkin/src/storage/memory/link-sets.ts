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

/** Links counted, and a text that is equal for equal ones. */
interface Counted {
  readonly links: readonly CountedLink[];
  readonly key: string;
}

/** Shapes remembered; one more empties the memory. */
const MAX_SHAPES = 1024;

/** Traces that make the same calls share one record of them. 0 means "not worked out yet". */
export class LinkSets {
  private readonly ids = new Map<string, number>();
  private readonly sets: (LinkSet | undefined)[] = [undefined];
  private readonly keys: (string | undefined)[] = [undefined];
  private readonly free: number[] = [];
  /** What came out for traces of the same shape; see trace-shape.ts. */
  private readonly shapes = new Map<string, Counted>();
  private heldBytes = 0;
  private shapeBytes = 0;

  get bytes(): number {
    return this.heldBytes + this.shapeBytes;
  }

  links(id: number): readonly CountedLink[] {
    return this.sets[id]?.links ?? [];
  }

  /** The number of the set that a trace of that shape has; `find` is asked when it is the first. */
  holdShape(shape: string | undefined, find: () => readonly Call[]): number {
    let counted = shape === undefined ? undefined : this.shapes.get(shape);
    if (counted === undefined) {
      const links = count(find());
      counted = { links, key: JSON.stringify(links) };
      if (shape !== undefined) this.remember(shape, counted);
    }
    return this.hold(counted);
  }

  /** When numbers in shapes may come to stand for something else. */
  forgetShapes(): void {
    this.shapes.clear();
    this.shapeBytes = 0;
  }

  private remember(shape: string, counted: Counted): void {
    if (this.shapes.size >= MAX_SHAPES) this.forgetShapes();
    this.shapes.set(shape, counted);
    this.shapeBytes += shape.length + counted.key.length * 4 + 200;
  }

  private hold({ links, key }: Counted): number {
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
