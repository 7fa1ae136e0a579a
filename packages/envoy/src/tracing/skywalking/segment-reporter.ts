/** Streams segments to the collector, and keeps a limited number of them while it is away. */
import type { ReportStream, ReportStreams, StreamCall } from "../report-stream.ts";
import type { Counter } from "../tracer-dependencies.ts";
import type { Segment } from "./segment.ts";
import { createSegmentEncoder } from "./segment-encoder.ts";
import type { SegmentReporter } from "./skywalking-tracer.ts";

/** Milliseconds: the first wait is up to the shortest, and each further one up to twice the one before. */
const shortestWaitMs = 500;
const longestWaitMs = 30_000;

export interface StreamingReporterOptions {
  readonly streams: ReportStreams;
  readonly cluster: string;
  readonly call: StreamCall;
  /** Segments kept. */
  readonly maxCached: number;
  /** Integers below 2^32. */
  readonly random: () => number;
  readonly sent: Counter;
  readonly dropped: Counter;
  /** Segments that had to wait, and how often such were sent. */
  readonly flushed: Counter;
  readonly cacheFlushed: Counter;
}

export class StreamingReporter implements SegmentReporter {
  readonly #options: StreamingReporterOptions;
  readonly #encode = createSegmentEncoder();
  readonly #cached: Buffer[] = [];
  #opening: { cancel(): void } | undefined;
  #stream: ReportStream | undefined;
  #writable = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #whenClosed: (() => void) | undefined;

  constructor(options: StreamingReporterOptions) {
    this.#options = options;
    this.#open();
  }

  report(segment: Segment): void {
    const message = this.#encode(segment);
    if (this.#stream !== undefined && this.#writable) {
      this.#send(this.#stream, message);
      return;
    }
    this.#cached.push(message);
    if (this.#cached.length <= this.#options.maxCached) return;
    this.#cached.shift();
    this.#options.dropped.add(1);
  }

  /** Sends what is left, ends the stream and waits for the collector's answer. */
  async close(timeoutMs: number): Promise<void> {
    clearTimeout(this.#timer);
    const stream = this.#stream;
    if (stream !== undefined) {
      this.#flush();
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      this.#whenClosed = resolve;
      stream.end();
      await promise;
      clearTimeout(timer);
    }
    this.#stream = undefined;
    this.#opening?.cancel();
  }

  #open(): void {
    const { streams, cluster, call } = this.#options;
    this.#opening = streams.open(cluster, call, {
      onOpen: (stream) => {
        this.#stream = stream;
        this.#writable = true;
        this.#failures = 0;
        if (this.#cached.length > 0) this.#flush();
      },
      onWritable: () => {
        this.#writable = true;
        this.#flush();
      },
      onClosed: () => this.#closed(),
    });
    if (this.#opening === undefined) this.#retryLater();
  }

  #send(stream: ReportStream, message: Buffer): void {
    this.#options.sent.add(1);
    this.#writable = stream.send(message);
  }

  #flush(): void {
    const stream = this.#stream;
    while (stream !== undefined && this.#writable) {
      const message = this.#cached.shift();
      if (message === undefined) break;
      this.#options.flushed.add(1);
      this.#send(stream, message);
    }
    this.#options.cacheFlushed.add(1);
  }

  #closed(): void {
    this.#stream = undefined;
    this.#writable = false;
    if (this.#whenClosed !== undefined) this.#whenClosed();
    else this.#retryLater();
  }

  #retryLater(): void {
    const ceiling = Math.min(longestWaitMs, shortestWaitMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    const waitMs = this.#options.random() % ceiling;
    this.#timer = setTimeout(() => this.#open(), waitMs).unref();
  }
}
