/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto */
import type { Percent } from "./percent.ts";

export interface CircuitBreakers {
  readonly thresholds: readonly Thresholds[];
}

/** Absent limits: 1024 connections, 1024 pending, 1024 requests, 3 retries. */
export interface Thresholds {
  readonly priority?: "DEFAULT" | "HIGH";
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRetries?: number;
  readonly retryBudget?: {
    readonly budgetPercent?: Percent;
    readonly minRetryConcurrency?: number;
  };
  readonly trackRemaining: boolean;
}
