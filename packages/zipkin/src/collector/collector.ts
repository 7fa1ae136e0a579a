import { decodeSpan, type EncodedSpans, encodeSpans, traceIdsOf } from "../model/encoded-spans.ts";
import { parseTrace, type Span } from "../model/span.ts";
import { QuietTraces } from "../storage/quiet-traces.ts";
import type { Storage } from "../storage/storage.ts";
import { createTransportMetrics, type TransportMetrics } from "./metrics.ts";
import { createSampler, type Sampler } from "./sampler.ts";

export type TraceListener = (trace: readonly Span[]) => void;
export type Decoder = (body: Buffer) => EncodedSpans;

export interface CollectorOptions {
  readonly storage: Storage;
  readonly sampleRate: number;
  /** Milliseconds, from any start. */
  readonly now: () => number;
}

/** From a request's body to the store: decode all, sample, store, tell who listens. */
export class Collector {
  readonly http: TransportMetrics = createTransportMetrics();
  private readonly storage: Storage;
  /** Undefined: everything is kept. */
  private readonly isSampled: Sampler | undefined;
  private readonly now: () => number;
  private readonly listeners = new Set<QuietTraces>();

  constructor(options: CollectorOptions) {
    this.storage = options.storage;
    this.isSampled = options.sampleRate < 1 ? createSampler(options.sampleRate) : undefined;
    this.now = options.now;
  }

  /** Throws DecodeError, and then nothing of the body was kept. */
  accept(body: Buffer, decode: Decoder): void {
    const { http } = this;
    http.messages++;
    http.bytes += body.length;
    http.messageBytes = body.length;
    let spans: EncodedSpans;
    try {
      spans = decode(body);
    } catch (error) {
      http.messagesDropped++;
      throw error;
    }
    const count = spans.starts.length;
    http.spans += count;
    if (count > 0) http.messageSpans = count;
    const kept = this.sampled(spans);
    http.spansDropped += count - kept.starts.length;
    if (kept.starts.length === 0) return;
    this.storage.store(kept);
    if (this.listeners.size === 0) return;
    for (const id of traceIdsOf(kept)) {
      for (const listener of this.listeners) listener.touch(id);
    }
  }

  /** An empty message still counts as one. */
  acceptNothing(): void {
    this.http.messages++;
    this.http.messageBytes = 0;
  }

  /** A message whose bytes could not be had: too many of them, or packed wrongly. */
  refuse(isWhole: boolean): void {
    if (isWhole) this.http.messages++;
    this.http.messagesDropped++;
  }

  /** Calls the listener with each trace that has gone quiet. Returns the way to stop. */
  onTrace(listener: TraceListener, quietMs: number): () => void {
    const quiet = new QuietTraces(quietMs, this.now, (id) => {
      const trace = this.storage.trace(id);
      if (trace !== undefined) listener(parseTrace(trace));
    });
    this.listeners.add(quiet);
    return () => {
      this.listeners.delete(quiet);
      quiet.close();
    };
  }

  private sampled(spans: EncodedSpans): EncodedSpans {
    const { isSampled } = this;
    if (isSampled === undefined) return spans;
    return encodeSpans(spans.starts.map((_, i) => decodeSpan(spans, i)).filter(isSampled));
  }

  close(): void {
    for (const listener of this.listeners) listener.close();
    this.listeners.clear();
  }
}
