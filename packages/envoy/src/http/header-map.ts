/**
 * An ordered list of header lines, as they stand on the wire: names lower-case, repeats kept apart, pseudo headers
 * (`:method`, `:path`, `:authority`, `:scheme`, `:status`) first. Order is part of the behaviour (Envoy's own order is recorded in the
 * conformance cases), so this is a list and not a map; requests carry a dozen lines, where a scan beats hashing.
 */
export class HeaderMap {
  /** name, value, name, value, ... Codecs read it directly; everybody else uses the methods. */
  readonly lines: string[];

  constructor(lines: string[] = []) {
    this.lines = lines;
  }

  /** First value of `name` (lower-case), or undefined. */
  get(name: string): string | undefined {
    const { lines } = this;
    for (let i = 0; i < lines.length; i += 2) if (lines[i] === name) return lines[i + 1];
    return undefined;
  }

  getAll(name: string): string[] {
    const { lines } = this;
    const values: string[] = [];
    for (let i = 0; i < lines.length; i += 2)
      if (lines[i] === name) values.push(lines[i + 1] as string);
    return values;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Adds a line at the end, whether or not the name is there already. */
  add(name: string, value: string): void {
    this.lines.push(name, value);
  }

  /** Replaces the first line of that name where it stands and drops the others, or adds one at the end. */
  set(name: string, value: string): void {
    const { lines } = this;
    for (let i = 0; i < lines.length; i += 2) {
      if (lines[i] !== name) continue;
      lines[i + 1] = value;
      this.#removeFrom(name, i + 2);
      return;
    }
    lines.push(name, value);
  }

  /** Removes every line of that name; true when there was one. */
  remove(name: string): boolean {
    return this.#removeFrom(name, 0);
  }

  /** Removes every line with one of these names, in one pass. */
  removeAll(names: ReadonlySet<string>): void {
    const { lines } = this;
    let kept = 0;
    for (let i = 0; i < lines.length; i += 2) {
      const name = lines[i] as string;
      if (names.has(name)) continue;
      if (kept !== i) {
        lines[kept] = name;
        lines[kept + 1] = lines[i + 1] as string;
      }
      kept += 2;
    }
    shorten(lines, kept);
  }

  /** Puts a line where line number `at` (counted from 0) is now. */
  insert(at: number, name: string, value: string): void {
    const { lines } = this;
    lines.push(name, value);
    for (let i = lines.length - 3; i >= 2 * at; i--) lines[i + 2] = lines[i] as string;
    lines[2 * at] = name;
    lines[2 * at + 1] = value;
  }

  clone(): HeaderMap {
    return new HeaderMap(this.lines.slice());
  }

  *[Symbol.iterator](): IterableIterator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.lines.length; i += 2) {
      yield [this.lines[i] as string, this.lines[i + 1] as string];
    }
  }

  #removeFrom(name: string, start: number): boolean {
    const { lines } = this;
    let kept = start;
    for (let i = start; i < lines.length; i += 2) {
      if (lines[i] === name) continue;
      if (kept !== i) {
        lines[kept] = lines[i] as string;
        lines[kept + 1] = lines[i + 1] as string;
      }
      kept += 2;
    }
    const removed = kept < lines.length;
    shorten(lines, kept);
    return removed;
  }
}

/** Cheaper than setting the length, for the line or two that usually go. */
function shorten(lines: string[], length: number): void {
  while (lines.length > length) lines.pop();
}
