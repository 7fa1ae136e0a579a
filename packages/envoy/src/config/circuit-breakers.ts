/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional, repeated } from "./decode/field.ts";
import { fieldPlace, message } from "./decode/message.ts";
import { uint32 } from "./decode/scalars.ts";
import type { Percent } from "./percent.ts";
import { percent } from "./percent.ts";

export interface CircuitBreakers {
  readonly thresholds: readonly Thresholds[];
  /** Only their maxConnections is heeded, as in Envoy. */
  readonly perHostThresholds: readonly Thresholds[];
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
  /** Gauges of what is left. */
  readonly trackRemaining: boolean;
}

const name = "envoy.config.cluster.v3.CircuitBreakers";

const thresholds: Decoder<Thresholds> = message<Thresholds>(
  `${name}.Thresholds`,
  {
    priority: optional(
      enumeration<"DEFAULT" | "HIGH">("envoy.config.core.v3.RoutingPriority", {
        DEFAULT: 0,
        HIGH: 1,
      }),
    ),
    maxConnections: optional(uint32()),
    maxPendingRequests: optional(uint32()),
    maxRequests: optional(uint32()),
    maxRetries: optional(uint32()),
    retryBudget: optional(
      message<NonNullable<Thresholds["retryBudget"]>>(`${name}.Thresholds.RetryBudget`, {
        budgetPercent: optional(percent),
        minRetryConcurrency: optional(uint32()),
      }),
    ),
    trackRemaining: flag(),
  },
  {
    accepted: {
      max_connection_pools: "one pool an endpoint is all there ever is here",
    },
  },
);

export const circuitBreakers: Decoder<CircuitBreakers> = message<CircuitBreakers>(
  name,
  { thresholds: repeated(thresholds), perHostThresholds: repeated(thresholds) },
  {
    check({ perHostThresholds }, at, node) {
      const isMore = (one: Thresholds): boolean =>
        one.maxPendingRequests !== undefined ||
        one.maxRequests !== undefined ||
        one.maxRetries !== undefined ||
        one.retryBudget !== undefined;
      if (!perHostThresholds.some(isMore)) return;
      const place = fieldPlace(node, "per_host_thresholds");
      const message = "only max_connections can be limited by host";
      at.add("clusters", place, message, "Unsupported field in per_host_thresholds");
    },
  },
);
