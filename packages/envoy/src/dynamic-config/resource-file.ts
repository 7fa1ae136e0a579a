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
  /** Throws what only using it shows to be wrong. */
  readonly tryOut?: (value: Value) => void;
  /** The one resource that is wanted; absent: all of them. */
  readonly wanted?: string;
  readonly stats: SubscriptionStats;
  readonly log: (line: string) => void;
}

/** A resource as the admin interface shows it. */
export interface ShownResource {
  readonly name: string;
  readonly version: string;
  /** Undefined: it was never accepted. */
  readonly active: { readonly raw: unknown; readonly at: Date } | undefined;
  /** What was refused last. */
  readonly failed:
    | { readonly raw: unknown; readonly at: Date; readonly details: string }
    | undefined;
}

export class ResourceFile<Value> {
  readonly path: string;
  readonly #options: ResourceFileOptions<Value>;
  /** Undefined: not read yet. */
  #text: string | undefined;
  #accepted: ReadonlyMap<string, Value> = new Map();
  #shown: ReadonlyMap<string, ShownResource> = new Map();
  #version = "";

  constructor(options: ResourceFileOptions<Value>) {
    this.path = options.path;
    this.#options = options;
  }

  get resources(): ReadonlyMap<string, Value> {
    return this.#accepted;
  }

  get shown(): readonly ShownResource[] {
    return [...this.#shown.values()];
  }

  get version(): string {
    return this.#version;
  }

  /** Reads it where it has changed; true when what is accepted has. */
  read(): boolean {
    const text = this.#load();
    if (text === undefined || text === this.#text) return false;
    this.#text = text;
    return this.#take(text);
  }

  /** What is wrong with it; undefined: nothing. */
  #tryOut(value: Value | undefined): string | undefined {
    if (value === undefined) return undefined;
    try {
      this.#options.tryOut?.(value);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
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
    const { version } = decoded;
    const now = new Date();
    const shown = new Map<string, ShownResource>();
    const next = new Map<string, Value>();
    const refused: string[] = [];
    for (const { name, value, raw, problems } of decoded.resources) {
      const key = value === undefined ? name : nameOf(value);
      const message = next.has(key)
        ? `duplicate ${noun} ${key} found`
        : (problems[0]?.envoyMessage ?? this.#tryOut(value));
      const old = this.#accepted.get(key);
      const before = this.#shown.get(key);
      if (value !== undefined && message === undefined) {
        const isSame = JSON.stringify(old) === JSON.stringify(value);
        const active = (isSame ? before?.active : undefined) ?? { raw, at: now };
        shown.set(key, { name: key, version, active, failed: undefined });
        next.set(key, value);
        continue;
      }
      if (!next.has(key)) {
        const failed = { raw, at: now, details: message ?? "" };
        shown.set(key, { name: key, version, active: before?.active, failed });
      }
      log(`[warning][upstream] ${api}: ${noun} '${key}' config rejected: ${message}`);
      for (const problem of problems) log(`[warning][config] ${formatProblem(problem)}`);
      refused.push(`${key}: ${message}`);
      // What is refused leaves in place what was there before.
      if (old !== undefined && !next.has(key)) next.set(key, old);
    }
    this.#shown = shown;
    if (refused.length === 0) this.#version = version;
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
