import type { ReportOutcome } from "./report-sender.ts";

export interface SpanBatcherOptions<Encoded> {
  /** Read anew each time, for they may change at run time. */
  readonly minFlushSpans: () => number;
  readonly flushIntervalMs: () => number;
  /** Starts an upload; undefined when there is nowhere to send to. */
  readonly send: (
    spans: readonly Encoded[],
    done: (outcome: ReportOutcome) => void,
  ) => { cancel(): void } | undefined;
  readonly onTimerFlush: () => void;
  /** Spans leave the buffer, whatever becomes of them. */
  readonly onSpans: (count: number) => void;
  readonly onOutcome: (outcome: ReportOutcome) => void;
  readonly onNoCluster: () => void;
  /** The buffer was full: so many spans are lost. */
  readonly onOverflow: (count: number) => void;
  /** Spans that may wait while every upload is stuck; beyond that they are dropped. */
  readonly maxPendingSpans?: number;
}

/** While a report is under way the next one grows to this before it joins it: larger reports cost a busy proxy less. */
const largeBatchSpans = 100;
/** In one report. */
const maxBatchSpans = 1000;
/** Under way at once; beyond that spans wait. */
const maxUploads = 8;
const defaultMaxPendingSpans = 5000;

/**
 * Collects encoded spans and sends them when there are enough or time is up. Memory is bounded: at most maxUploads times maxBatchSpans
 * on their way and maxPendingSpans waiting, however slow the collector.
 */
export class SpanBatcher<Encoded> {
  readonly #options: SpanBatcherOptions<Encoded>;
  readonly #maxPendingSpans: number;
  readonly #uploads = new Set<{ cancel(): void }>();
  #pending: Encoded[] = [];
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(options: SpanBatcherOptions<Encoded>) {
    this.#options = options;
    this.#maxPendingSpans = options.maxPendingSpans ?? defaultMaxPendingSpans;
    this.#startTimer();
  }

  add(span: Encoded): void {
    this.#pending.push(span);
    this.#flushIfEnough();
    if (this.#pending.length >= this.#maxPendingSpans) this.#drop();
  }

  /** Sends what is pending and waits for the answers; what is not answered in time is given up. */
  async close(timeoutMs: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#flush();
    if (this.#underWay > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      this.#whenIdle = resolve;
      await promise;
      clearTimeout(timer);
    }
    for (const upload of this.#uploads) upload.cancel();
    this.#uploads.clear();
  }

  #startTimer(): void {
    this.#timer = setTimeout(() => {
      this.#options.onTimerFlush();
      this.#flush();
      this.#startTimer();
    }, this.#options.flushIntervalMs()).unref();
  }

  #flushIfEnough(): void {
    const { length } = this.#pending;
    if (this.#underWay > 0 && length < largeBatchSpans) return;
    if (length >= this.#options.minFlushSpans()) this.#flush();
  }

  #flush(): void {
    while (this.#pending.length > 0 && this.#underWay < maxUploads) this.#upload(this.#take());
  }

  #take(): Encoded[] {
    if (this.#pending.length > maxBatchSpans) return this.#pending.splice(0, maxBatchSpans);
    const all = this.#pending;
    this.#pending = [];
    return all;
  }

  #upload(spans: readonly Encoded[]): void {
    this.#options.onSpans(spans.length);
    this.#underWay += 1;
    let upload: { cancel(): void } | undefined;
    let answered = false;
    upload = this.#options.send(spans, (outcome) => {
      answered = true;
      if (upload !== undefined) this.#uploads.delete(upload);
      this.#options.onOutcome(outcome);
      this.#released();
    });
    if (upload === undefined && !answered) {
      this.#options.onNoCluster();
      this.#released();
    } else if (upload !== undefined && !answered) {
      this.#uploads.add(upload);
    }
  }

  #released(): void {
    this.#underWay -= 1;
    this.#flushIfEnough();
    if (this.#underWay === 0) this.#whenIdle?.();
  }

  #drop(): void {
    this.#options.onSpans(this.#pending.length);
    this.#options.onOverflow(this.#pending.length);
    this.#pending = [];
  }
}
