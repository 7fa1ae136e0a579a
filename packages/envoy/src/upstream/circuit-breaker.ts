/** Limits on what a cluster may have under way. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking */
import type { CircuitBreakers, Thresholds } from "../config/circuit-breakers.ts";

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
  readonly #budget: Thresholds["retryBudget"];
  requests = 0;
  pending = 0;
  retries = 0;

  constructor(thresholds: Thresholds | undefined) {
    this.#budget = thresholds?.retryBudget;
    this.limits = {
      maxConnections: thresholds?.maxConnections ?? 1024,
      maxPendingRequests: thresholds?.maxPendingRequests ?? 1024,
      maxRequests: thresholds?.maxRequests ?? 1024,
      maxRetries: thresholds?.maxRetries ?? 3,
    };
  }

  get mayStartRequest(): boolean {
    return this.requests < this.limits.maxRequests;
  }

  get mayWait(): boolean {
    return this.pending < this.limits.maxPendingRequests;
  }

  /** A retry budget, where there is one, replaces the fixed number. */
  get mayRetry(): boolean {
    const budget = this.#budget;
    if (budget === undefined) return this.retries < this.limits.maxRetries;
    const share = ((budget.budgetPercent ?? 20) / 100) * (this.requests + this.pending);
    return this.retries < Math.max(Math.floor(share), budget.minRetryConcurrency ?? 3);
  }
}

export function createCircuitBreakers(
  config: CircuitBreakers | undefined,
): Readonly<Record<Priority, CircuitBreaker>> {
  const find = (priority: Priority): Thresholds | undefined =>
    config?.thresholds.find((thresholds) => (thresholds.priority ?? "DEFAULT") === priority);
  return { DEFAULT: new CircuitBreaker(find("DEFAULT")), HIGH: new CircuitBreaker(find("HIGH")) };
}
