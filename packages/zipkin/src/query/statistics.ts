import { findCalls } from "../links/find-calls.ts";
import type { Span } from "../model/span.ts";

/** Durations are microseconds; absent when no span had one. */
export interface Latency {
  readonly meanMicros?: number;
  readonly p50Micros?: number;
  readonly p95Micros?: number;
  readonly p99Micros?: number;
}

export interface ServiceStatistics extends Latency {
  readonly serviceName: string;
  /** Its SERVER and CONSUMER spans; of a service that has neither, its root spans. */
  readonly requests: number;
  readonly errors: number;
}

export interface EdgeStatistics extends Latency {
  readonly parent: string;
  readonly child: string;
  readonly calls: number;
  readonly errors: number;
}

export interface Statistics {
  readonly traces: number;
  readonly spans: number;
  readonly services: readonly ServiceStatistics[];
  readonly edges: readonly EdgeStatistics[];
}

interface Tally {
  count: number;
  errors: number;
  readonly durations: number[];
}

/** Adds up traces, one at a time. */
export class StatisticsBuilder {
  private traces = 0;
  private spans = 0;
  private readonly entries = new Map<string, Tally>();
  private readonly roots = new Map<string, Tally>();
  private readonly edges = new Map<string, Tally>();

  add(trace: readonly Span[]): void {
    this.traces++;
    this.spans += trace.length;
    for (const span of trace) this.addSpan(span);
    for (const { parent, child, isError, duration } of findCalls(trace)) {
      note(this.edges, JSON.stringify([parent, child]), isError, duration);
    }
  }

  build(): Statistics {
    return {
      traces: this.traces,
      spans: this.spans,
      services: this.buildServices(),
      edges: Array.from(this.edges, ([key, tally]) => {
        const [parent = "", child = ""]: string[] = JSON.parse(key);
        return { parent, child, calls: tally.count, errors: tally.errors, ...latency(tally) };
      }).sort((a, b) => compare(a.parent, b.parent) || compare(a.child, b.child)),
    };
  }

  private addSpan(span: Span): void {
    const name = span.localEndpoint?.serviceName;
    if (name === undefined) return;
    const isEntry = span.kind === "SERVER" || span.kind === "CONSUMER";
    if (isEntry) note(this.entries, name, isFailure(span), span.duration);
    else if (span.parentId === undefined) note(this.roots, name, isFailure(span), span.duration);
  }

  private buildServices(): ServiceStatistics[] {
    const names = [...new Set([...this.entries.keys(), ...this.roots.keys()])].sort();
    return names.flatMap((serviceName) => {
      const tally = this.entries.get(serviceName) ?? this.roots.get(serviceName);
      if (tally === undefined) return [];
      return [{ serviceName, requests: tally.count, errors: tally.errors, ...latency(tally) }];
    });
  }
}

/** The tag `error`, whatever it says, or an HTTP status from 500. */
function isFailure({ tags }: Span): boolean {
  if (tags === undefined) return false;
  return Object.hasOwn(tags, "error") || Number(tags["http.status_code"]) >= 500;
}

function note(
  tallies: Map<string, Tally>,
  key: string,
  isError: boolean,
  duration: number | undefined,
): void {
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = { count: 0, errors: 0, durations: [] };
    tallies.set(key, tally);
  }
  tally.count++;
  if (isError) tally.errors++;
  if (duration !== undefined) tally.durations.push(duration);
}

function latency({ durations }: Tally): Latency {
  if (durations.length === 0) return {};
  const sorted = Float64Array.from(durations).sort();
  let sum = 0;
  for (const duration of sorted) sum += duration;
  return {
    meanMicros: Math.round(sum / sorted.length),
    p50Micros: quantile(sorted, 0.5),
    p95Micros: quantile(sorted, 0.95),
    p99Micros: quantile(sorted, 0.99),
  };
}

/** Nearest rank: a duration that was really seen. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
