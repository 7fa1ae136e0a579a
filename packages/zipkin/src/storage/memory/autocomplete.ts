import type { Span } from "../../model/span.ts";
import { BoundedNames } from "./service-names.ts";

/** Values seen for the configured tag keys. They outlive the traces they came with. */
export class Autocomplete {
  private readonly values = new Map<string, BoundedNames>();

  constructor(keys: readonly string[]) {
    for (const key of keys) this.values.set(key, new BoundedNames());
  }

  /** Whether there are no keys. */
  get isEmpty(): boolean {
    return this.values.size === 0;
  }

  get bytes(): number {
    let bytes = 0;
    for (const values of this.values.values()) bytes += values.bytes;
    return bytes;
  }

  add(span: Span): void {
    if (span.tags === undefined) return;
    for (const [key, values] of this.values) {
      const value = Object.hasOwn(span.tags, key) ? span.tags[key] : undefined;
      if (value !== undefined) values.add(value);
    }
  }

  sorted(key: string): readonly string[] {
    return this.values.get(key)?.sorted() ?? [];
  }
}
