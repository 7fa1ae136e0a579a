/** One discovery file: its resources as they were last accepted. */
import { readFileSync } from "node:fs";
import { decodeResources, type ResourceKind } from "../config/decode-resources.ts";
import { formatProblem } from "../config/problem.ts";
import type { SubscriptionStats } from "./subscription-stats.ts";

export interface ResourceFileOptions<Value> {
  readonly path: string;
  /** `lds`, `cds` or `rds`, and what its resources are called: Envoy's words. */
  readonly api: string;
  readonly noun: string;
  readonly kind: ResourceKind<Value>;
  readonly nameOf: (value: Value) => string;
  /** The one resource that is wanted; absent: all of them. */
  readonly wanted?: string;
  readonly stats: SubscriptionStats;
  readonly log: (line: string) => void;
}

export class ResourceFile<Value> {
  readonly path: string;
  readonly #options: ResourceFileOptions<Value>;
  /** Undefined: not read yet. */
  #text: string | undefined;
  #accepted: ReadonlyMap<string, Value> = new Map();

  constructor(options: ResourceFileOptions<Value>) {
    this.path = options.path;
    this.#options = options;
  }

  get resources(): ReadonlyMap<string, Value> {
    return this.#accepted;
  }

  /** Reads it where it has changed; true when what is accepted has. */
  read(): boolean {
    const text = this.#load();
    if (text === undefined || text === this.#text) return false;
    this.#text = text;
    return this.#take(text);
  }

  #load(): string | undefined {
    try {
      return readFileSync(this.path, "utf8");
    } catch {
      // Gone for a moment, as while it is being replaced: what it said holds until it is back.
      return undefined;
    }
  }

  #take(text: string): boolean {
    const { stats, kind, api, noun, nameOf, log } = this.#options;
    stats.attempt.inc();
    const decoded = decodeResources(this.path, text, kind);
    if (!decoded.ok) {
      stats[decoded.reason].inc();
      const verdict = decoded.reason === "failure" ? "update failure" : "update rejected";
      log(`[warning][config] Filesystem config ${verdict}: ${decoded.message}`);
      return false;
    }
    const stranger = decoded.resources.find(({ name }) => name !== (this.#options.wanted ?? name));
    if (stranger !== undefined) {
      stats.rejected.inc();
      const reason = `Unexpected RDS configuration (expecting ${this.#options.wanted}): ${stranger.name}`;
      log(`[warning][rds] ${api}: ${noun} '${this.#options.wanted}' rejected: ${reason}`);
      log(`[warning][config] Filesystem config update rejected: ${reason}`);
      return false;
    }
    const next = new Map<string, Value>();
    const refused: string[] = [];
    for (const { name, value, problems } of decoded.resources) {
      const key = value === undefined ? name : nameOf(value);
      const message = next.has(key) ? `duplicate ${noun} ${key} found` : problems[0]?.envoyMessage;
      if (value !== undefined && message === undefined) {
        next.set(key, value);
        continue;
      }
      log(`[warning][upstream] ${api}: ${noun} '${key}' config rejected: ${message}`);
      for (const problem of problems) log(`[warning][config] ${formatProblem(problem)}`);
      refused.push(`${key}: ${message}`);
      // What is refused leaves in place what was there before.
      const old = this.#accepted.get(key);
      if (old !== undefined && !next.has(key)) next.set(key, old);
    }
    if (refused.length === 0) stats.success.inc();
    else {
      stats.rejected.inc();
      const list = `Error adding/updating ${noun}(s) ${refused.join(", ")}`;
      log(`[warning][config] Filesystem config update rejected: ${list}`);
    }
    const changed = JSON.stringify([...next]) !== JSON.stringify([...this.#accepted]);
    this.#accepted = next;
    return changed;
  }
}
