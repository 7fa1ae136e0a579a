import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type DependencyLink, sumCalls } from "../../links/dependency-link.ts";
import { findCalls } from "../../links/find-calls.ts";
import { decodeSpan, type EncodedSpans } from "../../model/encoded-spans.ts";
import { lowTraceId, type Span } from "../../model/span.ts";
import { matchesTrace } from "../../query/matches.ts";
import type { SearchRequest } from "../../query/search-request.ts";
import type { Storage, StorageOptions, StorageUsage, TraceJson } from "../storage.ts";
import { migrate } from "./schema.ts";

export interface SqliteOptions extends StorageOptions {
  readonly sqliteFile: string;
  /** Spans; beyond it the traces with the oldest spans go first. */
  readonly maxSpans: number;
}

/** Traces handled before other work gets a turn. */
const SLICE = 50;

/**
 * Spans in one SQLite file. Each batch is a transaction in the write-ahead log before it is answered:
 * killing the process loses nothing that was accepted.
 */
export class SqliteStorage implements Storage {
  readonly kind = "sqlite";
  private readonly options: SqliteOptions;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private spanCount: number;
  private evictedSpans = 0;
  private evictedTraces = 0;

  constructor(options: SqliteOptions) {
    this.options = options;
    this.database = new DatabaseSync(options.sqliteFile);
    migrate(this.database, options.sqliteFile);
    this.spanCount = Number(this.get("SELECT count(*) AS n FROM span")?.["n"] ?? 0);
  }

  store(spans: EncodedSpans): void {
    this.database.exec("BEGIN IMMEDIATE");
    const before = this.spanCount;
    try {
      const { bytes, starts, ends } = spans;
      this.makeRoom(starts.length);
      for (const [i, start] of starts.entries()) {
        this.insert(decodeSpan(spans, i), bytes.toString("utf8", start, ends[i]));
      }
      this.makeRoom(0);
      this.database.exec("COMMIT");
    } catch (error) {
      this.database.exec("ROLLBACK");
      this.spanCount = before;
      throw error;
    }
  }

  trace(traceId: string): TraceJson | undefined {
    return this.traces([traceId])[0];
  }

  traces(traceIds: readonly string[]): readonly TraceJson[] {
    const asked = Map.groupBy(traceIds, lowTraceId);
    return [...asked].flatMap(([low, ids]) => {
      const spans = this.spansOf(low);
      if (spans.length === 0) return [];
      if (!this.options.strictTraceId) return [join(spans)];
      return split(spans)
        .filter(([first]) => first !== undefined && ids.includes(first.span.traceId))
        .map(join);
    });
  }

  async search(request: SearchRequest): Promise<readonly TraceJson[]> {
    if (!this.options.searchEnabled) return [];
    const found: TraceJson[] = [];
    for await (const low of this.lowIdsBetween(
      request.endTs - request.lookback,
      request.endTs,
      request.serviceName,
    )) {
      const spans = this.spansOf(low);
      if (!matchesTrace(spansIn(spans), request)) continue;
      const groups = this.options.strictTraceId ? split(spans) : [spans];
      for (const group of groups) {
        if (groups.length > 1 && !matchesTrace(spansIn(group), request)) continue;
        found.push(join(group));
      }
      if (found.length >= request.limit) break;
    }
    return found;
  }

  async *tracesBetween(fromMs: number, toMs: number): AsyncGenerator<readonly Span[]> {
    for await (const low of this.lowIdsBetween(fromMs, toMs)) {
      const spans = this.spansOf(low);
      if (spans.length > 0) yield spansIn(spans);
    }
  }

  async dependencies(endTs: number, lookback: number): Promise<readonly DependencyLink[]> {
    const calls = [];
    for await (const trace of this.tracesBetween(endTs - lookback, endTs)) {
      for (const call of findCalls(trace)) calls.push(call);
    }
    return sumCalls(calls);
  }

  serviceNames(): readonly string[] {
    return this.sorted("SELECT DISTINCT service AS name FROM trace_service");
  }

  spanNames(serviceName: string): readonly string[] {
    const sql = "SELECT name FROM span_name WHERE service = ? AND remote = 0";
    return this.sorted(sql, serviceName);
  }

  remoteServiceNames(serviceName: string): readonly string[] {
    const sql = "SELECT name FROM span_name WHERE service = ? AND remote = 1";
    return this.sorted(sql, serviceName);
  }

  autocompleteValues(key: string): readonly string[] {
    return this.sorted("SELECT value AS name FROM autocomplete WHERE key = ?", key);
  }

  usage(): StorageUsage {
    const pages = Number(this.get("PRAGMA page_count")?.["page_count"] ?? 0);
    const pageSize = Number(this.get("PRAGMA page_size")?.["page_size"] ?? 0);
    return {
      spans: this.spanCount,
      traces: Number(this.get("SELECT count(*) AS n FROM trace")?.["n"] ?? 0),
      bytes: pages * pageSize,
      maxSpans: this.options.maxSpans,
      maxBytes: 0,
      evictedSpans: this.evictedSpans,
      evictedTraces: this.evictedTraces,
    };
  }

  check(): void {
    this.get("SELECT 1 FROM span LIMIT 1");
  }

  async close(): Promise<void> {
    this.database.close();
  }

  private insert(span: Span, json: string): void {
    const low = lowTraceId(span.traceId);
    const time = Math.floor((span.timestamp ?? 0) / 1000);
    const added = this.run("INSERT OR IGNORE INTO span VALUES (?, ?, ?)", low, time, json);
    if (added === 0) return; // the very same report again
    this.spanCount++;
    this.run(
      "INSERT INTO trace VALUES (?, ?) ON CONFLICT (low) DO UPDATE SET oldest = min(oldest, excluded.oldest)",
      low,
      time,
    );
    if (!this.options.searchEnabled) return;
    const service = span.localEndpoint?.serviceName;
    if (service !== undefined) {
      this.run("INSERT OR IGNORE INTO trace_service VALUES (?, ?)", service, low);
      const name = "INSERT OR IGNORE INTO span_name VALUES (?, ?, ?)";
      if (span.name !== undefined) this.run(name, service, 0, span.name);
      const remote = span.remoteEndpoint?.serviceName;
      if (remote !== undefined) this.run(name, service, 1, remote);
    }
    for (const key of this.options.autocompleteKeys) {
      const value =
        span.tags !== undefined && Object.hasOwn(span.tags, key) ? span.tags[key] : undefined;
      if (value !== undefined)
        this.run("INSERT OR IGNORE INTO autocomplete VALUES (?, ?)", key, value);
    }
  }

  private makeRoom(coming: number): void {
    while (this.spanCount + coming > this.options.maxSpans) {
      const low = this.get("SELECT low FROM trace ORDER BY oldest, low LIMIT 1")?.["low"];
      if (typeof low !== "string") return;
      const services = this.names("SELECT service AS name FROM trace_service WHERE low = ?", low);
      const evicted = this.run("DELETE FROM span WHERE low = ?", low);
      this.run("DELETE FROM trace WHERE low = ?", low);
      this.run("DELETE FROM trace_service WHERE low = ?", low);
      for (const service of services) {
        this.run(
          "DELETE FROM span_name WHERE service = ?1 AND NOT EXISTS (SELECT 1 FROM trace_service WHERE service = ?1)",
          service,
        );
      }
      this.spanCount -= evicted;
      this.evictedSpans += evicted;
      this.evictedTraces++;
    }
  }

  /** Traces with a span in the window, the one with the newest such span first. */
  private async *lowIdsBetween(
    fromMs: number,
    toMs: number,
    service?: string,
  ): AsyncGenerator<string> {
    const inService =
      service === undefined ? "" : "AND low IN (SELECT low FROM trace_service WHERE service = ?3)";
    const sql = `SELECT low AS name FROM span WHERE time BETWEEN ?1 AND ?2 ${inService} GROUP BY low ORDER BY max(time) DESC, low DESC`;
    const values = service === undefined ? [fromMs, toMs] : [fromMs, toMs, service];
    for (const [i, low] of this.names(sql, ...values).entries()) {
      yield low;
      if (i % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** In order of arrival, grouped by millisecond. */
  private spansOf(low: string): StoredSpan[] {
    const rows = this.prepare("SELECT time, json FROM span WHERE low = ? ORDER BY rowid").all(low);
    const spans = rows.map((row): StoredSpan & { readonly time: number } => {
      const json = String(row["json"]);
      return { json, span: JSON.parse(json) as Span, time: Number(row["time"]) };
    });
    return [...Map.groupBy(spans, ({ time }) => time).values()].flat();
  }

  /** By 16-bit units, as the real server and the other store sort; SQLite goes by bytes. */
  private sorted(sql: string, ...values: string[]): string[] {
    return this.names(sql, ...values).sort();
  }

  private names(sql: string, ...values: (string | number)[]): string[] {
    return this.prepare(sql)
      .all(...values)
      .map((row) => String(row["name"]));
  }

  private get(sql: string): Record<string, unknown> | undefined {
    return this.prepare(sql).get();
  }

  private run(sql: string, ...values: (string | number)[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  private prepare(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}

interface StoredSpan {
  readonly json: string;
  readonly span: Span;
}

function spansIn(stored: readonly StoredSpan[]): readonly Span[] {
  return stored.map(({ span }) => span);
}

function join(stored: readonly StoredSpan[]): TraceJson {
  return Buffer.from(`[${stored.map(({ json }) => json).join(",")}]`);
}

function split(spans: readonly StoredSpan[]): (readonly StoredSpan[])[] {
  return [...Map.groupBy(spans, ({ span }) => span.traceId).values()];
}
