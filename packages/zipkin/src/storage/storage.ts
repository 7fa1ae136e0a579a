import type { DependencyLink } from "../links/dependency-link.ts";
import type { EncodedSpans } from "../model/encoded-spans.ts";
import type { Span } from "../model/span.ts";
import type { SearchRequest } from "../query/search-request.ts";

/** One trace as it is sent: a JSON list of its spans in order of arrival, grouped by millisecond. */
export type TraceJson = Uint8Array;

export interface StorageOptions {
  /** 128-bit and 64-bit spellings of an id are different traces. */
  readonly strictTraceId: boolean;
  /** False: no names, no search; lookup by id and links only. */
  readonly searchEnabled: boolean;
  readonly autocompleteKeys: readonly string[];
}

export interface StorageUsage {
  readonly spans: number;
  readonly traces: number;
  /** Bytes accounted for: spans, tables, indexes, names. */
  readonly bytes: number;
  readonly maxSpans: number;
  readonly maxBytes: number;
  readonly evictedSpans: number;
  readonly evictedTraces: number;
}

/** Where spans are kept. Every store passes the same contract suite, storage-contract.ts. */
export interface Storage {
  readonly kind: "mem" | "sqlite";
  /** What is stored is visible to reads, and as durable as the store is, when this returns. */
  store(spans: EncodedSpans): void;
  /** Undefined when it is unknown. The id is normalised. */
  trace(traceId: string): TraceJson | undefined;
  /** In the order asked; unknown ones are left out. Ids are normalised. */
  traces(traceIds: readonly string[]): readonly TraceJson[];
  search(request: SearchRequest): Promise<readonly TraceJson[]>;
  /** Whole traces with a span in the window, newest first. Milliseconds, inclusive. */
  tracesBetween(fromMs: number, toMs: number): AsyncIterable<readonly Span[]>;
  dependencies(endTs: number, lookback: number): Promise<readonly DependencyLink[]>;
  serviceNames(): readonly string[];
  spanNames(serviceName: string): readonly string[];
  remoteServiceNames(serviceName: string): readonly string[];
  autocompleteValues(key: string): readonly string[];
  usage(): StorageUsage;
  /** Throws what keeps the store from working. */
  check(): void;
  close(): Promise<void>;
}
