import type { ResponseFlag } from "./stream-info.ts";

/** A Set would do as well, but every request has two of these and most raise nothing. */
export class ResponseFlags {
  readonly #raised: ResponseFlag[];

  constructor(...raised: ResponseFlag[]) {
    this.#raised = raised;
  }

  add(flag: ResponseFlag): void {
    if (!this.#raised.includes(flag)) this.#raised.push(flag);
  }

  delete(flag: ResponseFlag): void {
    const at = this.#raised.indexOf(flag);
    if (at !== -1) this.#raised.splice(at, 1);
  }

  has(flag: ResponseFlag): boolean {
    return this.#raised.includes(flag);
  }

  get size(): number {
    return this.#raised.length;
  }

  /** In the order in which they were raised. */
  [Symbol.iterator](): IterableIterator<ResponseFlag> {
    return this.#raised.values();
  }
}

/** `URX,UF`: as Envoy prints them; undefined when there is none. */
export function responseFlagsText(flags: ResponseFlags): string | undefined {
  return flags.size === 0 ? undefined : [...flags].join(",");
}
