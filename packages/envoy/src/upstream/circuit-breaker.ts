/** Limits on what a cluster may have under way. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking */
import type {
  CircuitBreakers as CircuitBreakersConfig,
  Thresholds,
} from "../config/circuit-breakers.ts";
import type { StatsStore } from "../stats/stats-store.ts";

export type Priority = "DEFAULT" | "HIGH";

export interface Limits {
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
}

/** One priority's limits and what counts against them. */
export class CircuitBreaker {
  readonly limits: Limits;
  /** What is left is to be seen in the statistics. */
  readonly tracksRemaining: boolean;
  readonly #budget: Thresholds["retryBudget"];
  connections = 0;
  requests = 0;
  pending = 0;
  retries = 0;

  constructor(thresholds: Thresholds | undefined) {
    this.#budget = thresholds?.retryBudget;
    this.tracksRemaining = thresholds?.trackRemaining ?? false;
    this.limits = {
      maxConnections: thresholds?.maxConnections ?? 1024,
      maxPendingRequests: thresholds?.maxPendingRequests ?? 1024,
      maxRequests: thresholds?.maxRequests ?? 1024,
      maxRetries: thresholds?.maxRetries ?? 3,
    };
  }

  get mayConnect(): boolean {
    return this.connections < this.limits.maxConnections;
  }

  get mayStartRequest(): boolean {
    return this.requests < this.limits.maxRequests;
  }

  get mayWait(): boolean {
    return this.pending < this.limits.maxPendingRequests;
  }

  /** A retry budget, where there is one, replaces the fixed number. */
  get mayRetry(): boolean {
    return this.retries < this.maxRetries;
  }

  get maxRetries(): number {
    const budget = this.#budget;
    if (budget === undefined) return this.limits.maxRetries;
    const share = ((budget.budgetPercent ?? 20) / 100) * (this.requests + this.pending);
    return Math.max(Math.floor(share), budget.minRetryConcurrency ?? 3);
  }
}

export type CircuitBreakerSet = Readonly<Record<Priority, CircuitBreaker>>;

export function createCircuitBreakers(
  config: CircuitBreakersConfig | undefined,
): CircuitBreakerSet {
  const find = (priority: Priority): Thresholds | undefined =>
    config?.thresholds.find((thresholds) => (thresholds.priority ?? "DEFAULT") === priority);
  return { DEFAULT: new CircuitBreaker(find("DEFAULT")), HIGH: new CircuitBreaker(find("HIGH")) };
}

/** Connections to one endpoint; only the default priority's threshold counts here, as in Envoy. */
export function maxConnectionsPerHost(config: CircuitBreakersConfig | undefined): number {
  const thresholds = config?.perHostThresholds.find(({ priority }) => priority !== "HIGH");
  return thresholds?.maxConnections ?? Number.POSITIVE_INFINITY;
}

/** `circuit_breakers.default.cx_open` and its like: 1 while nothing more is allowed. */
export function publishCircuitBreakers(
  breakers: CircuitBreakerSet,
  clusterStatName: string,
  store: StatsStore,
): void {
  for (const [priority, breaker] of Object.entries(breakers)) {
    const prefix = `cluster.${clusterStatName}.circuit_breakers.${priority.toLowerCase()}.`;
    const { limits } = breaker;
    const publish = (name: string, remaining: string, used: () => number, limit: () => number) => {
      // Nothing is open that was never used, even where the limit is 0.
      store.gaugeFrom(`${prefix}${name}`, () => (used() > 0 && used() >= limit() ? 1 : 0));
      if (!breaker.tracksRemaining) return;
      store.gaugeFrom(`${prefix}${remaining}`, () => Math.max(0, limit() - used()));
    };
    publish(
      "cx_open",
      "remaining_cx",
      () => breaker.connections,
      () => limits.maxConnections,
    );
    publish(
      "rq_pending_open",
      "remaining_pending",
      () => breaker.pending,
      () => limits.maxPendingRequests,
    );
    publish(
      "rq_open",
      "remaining_rq",
      () => breaker.requests,
      () => limits.maxRequests,
    );
    publish(
      "rq_retry_open",
      "remaining_retries",
      () => breaker.retries,
      () => breaker.maxRetries,
    );
  }
}
