/** Carries out what `RetryState` decides: waits, counts, and keeps the cluster's retry circuit breaker. */
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { CircuitBreaker } from "../upstream/circuit-breaker.ts";
import type { ClusterStats } from "../upstream/cluster-stats.ts";
import type { RetryDecision, RetryState } from "./retry-state.ts";
import type { FailureReason } from "./upstream-failures.ts";

export interface RetryOwner {
  /** The wait is over. */
  retry(): void;
}

export class Retries {
  readonly #owner: RetryOwner;
  readonly #state: RetryState;
  readonly #breaker: CircuitBreaker;
  readonly #stats: ClusterStats;
  readonly #info: StreamInfo;
  #timer: NodeJS.Timeout | undefined;
  /** A retry is being waited for, which counts in the breaker. */
  #isWaiting = false;
  #forbidden = false;
  #hasRetried = false;

  constructor(
    owner: RetryOwner,
    state: RetryState,
    breaker: CircuitBreaker,
    stats: ClusterStats,
    info: StreamInfo,
  ) {
    this.#owner = owner;
    this.#state = state;
    this.#breaker = breaker;
    this.#stats = stats;
    this.#info = info;
  }

  /** True: another try will follow. */
  afterHeaders(headers: HeaderMap): boolean {
    if (this.#forbidden) return false;
    return this.#carryOut(this.#state.afterHeaders(headers, this.#breaker));
  }

  /** The same for an attempt without a response; `sent`: the request had begun to go out. */
  afterFailure(reason: FailureReason, sent: boolean): boolean {
    if (this.#forbidden) return false;
    return this.#carryOut(this.#state.afterFailure(reason, sent, this.#breaker));
  }

  /** Between two tries. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** The request cannot be sent again. */
  forbid(): void {
    this.#forbidden = true;
  }

  /** No further try: the request is over, or out of time. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#release();
  }

  elapsed(): void {
    this.#release();
    this.#owner.retry();
  }

  #carryOut(decision: RetryDecision): boolean {
    switch (decision) {
      case "yes":
        this.#hasRetried = true;
        this.#stats.rqRetry.inc();
        this.#stats.rqRetryBackOff.inc();
        this.#breaker.retries++;
        this.#isWaiting = true;
        this.#timer = setTimeout(backOffElapsed, this.#state.nextBackOffMs(), this);
        return true;
      case "limit exceeded":
        this.#info.flags.add("URX");
        this.#stats.rqRetryLimitExceeded.inc();
        return false;
      case "overflow":
        this.#info.flags.add("UO");
        this.#stats.rqRetryOverflow.inc();
        return false;
      case "no":
        // Whatever it is, it is nothing to try again for.
        if (this.#hasRetried) this.#stats.rqRetrySuccess.inc();
        this.#hasRetried = false;
        return false;
    }
  }

  #release(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#breaker.retries--;
  }
}

function backOffElapsed(retries: Retries): void {
  retries.elapsed();
}
