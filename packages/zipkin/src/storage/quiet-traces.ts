/** Traces in one turn, so that requests are not kept waiting. */
const SLICE = 50;

/** Tells of each trace once nothing has arrived for it for a while; again if more arrives later. */
export class QuietTraces {
  /** Trace id -> last arrival; the one touched last is at the end. */
  private readonly arrivals = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private readonly quietMs: number;
  private readonly now: () => number;
  private readonly handle: (traceId: string) => void;

  constructor(quietMs: number, now: () => number, handle: (traceId: string) => void) {
    this.quietMs = quietMs;
    this.now = now;
    this.handle = handle;
  }

  touch(traceId: string): void {
    if (this.isClosed) return;
    this.arrivals.delete(traceId);
    this.arrivals.set(traceId, this.now());
    this.schedule(this.quietMs);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.arrivals.clear();
  }

  private schedule(ms: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => this.turn(), ms);
    this.timer.unref();
  }

  private turn(): void {
    this.timer = undefined;
    let handled = 0;
    for (const [id, arrival] of this.arrivals) {
      const left = this.quietMs - (this.now() - arrival);
      if (left > 0 || handled === SLICE) {
        this.schedule(Math.max(0, left));
        return;
      }
      this.arrivals.delete(id);
      this.handle(id);
      handled++;
    }
  }
}
