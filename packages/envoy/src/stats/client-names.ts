/** Names in statistics that requests bring: as a client can make them up, only so many become counters. */
const maxNames = 1000;

export class ClientNames {
  readonly #known = new Set<string>();

  /** False: no name, or one too many. */
  admits(name: string | undefined): name is string {
    if (name === undefined || name === "") return false;
    if (!this.#known.has(name) && this.#known.size >= maxNames) return false;
    this.#known.add(name);
    return true;
  }
}
