/** Whether a failed try gets another one. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on */
import type { HeaderMap } from "../http/header-map.ts";
import { parseRetryOn, type RetryCondition, type RetryPolicy } from "../routing/retry-policy.ts";
import { type FailureReason, isPoolFailure } from "./upstream-failures.ts";

export type RetryDecision = "no" | "yes" | "limit exceeded" | "overflow";

/** Room in the cluster's retry circuit breaker. */
export interface RetryRoom {
  readonly mayRetry: boolean;
}

const grpcConditionByStatus: Readonly<Record<string, RetryCondition>> = {
  "1": "cancelled",
  "4": "deadline-exceeded",
  "8": "resource-exhausted",
  "13": "internal",
  "14": "unavailable",
};

export class RetryState {
  readonly #policy: RetryPolicy;
  readonly #on: ReadonlySet<RetryCondition>;
  readonly #statusCodes: ReadonlySet<number>;
  readonly #random: () => number;
  #left: number;
  #intervalMs: number;

  private constructor(
    policy: RetryPolicy,
    on: ReadonlySet<RetryCondition>,
    statusCodes: ReadonlySet<number>,
    left: number,
    random: () => number,
  ) {
    this.#policy = policy;
    this.#on = on;
    this.#statusCodes = statusCodes;
    this.#left = left;
    this.#random = random;
    this.#intervalMs = policy.baseIntervalMs;
  }

  /** Undefined when nothing is to be retried. Takes the steering headers out of the request. */
  static create(
    policy: RetryPolicy,
    headers: HeaderMap,
    random: () => number,
  ): RetryState | undefined {
    const isSteered = steeringHeaders.some((name) => headers.has(name));
    if (!isSteered && policy.on.size === 0) return undefined;
    const on = new Set(policy.on);
    const http = headers.get("x-envoy-retry-on");
    if (http !== undefined) for (const word of parseRetryOn(http, "http")) on.add(word);
    const grpc = headers.get("x-envoy-retry-grpc-on");
    if (grpc !== undefined) for (const word of parseRetryOn(grpc, "grpc")) on.add(word);
    const statusCodes = new Set(policy.statusCodes);
    for (const code of (headers.get("x-envoy-retriable-status-codes") ?? "").split(","))
      if (/^\s*\d{3}\s*$/.test(code)) statusCodes.add(Number(code));
    const asked = headers.get("x-envoy-max-retries");
    const left = asked !== undefined && /^\d{1,9}$/.test(asked) ? Number(asked) : policy.maxRetries;
    for (const name of steeringHeaders) headers.remove(name);
    if (on.size === 0) return undefined;
    const { requestHeaders } = policy;
    if (requestHeaders.length > 0 && !requestHeaders.some((test) => test(headers)))
      return undefined;
    return new RetryState(policy, on, statusCodes, left, random);
  }

  /** A response whose head has arrived. */
  afterHeaders(headers: HeaderMap, room: RetryRoom): RetryDecision {
    return this.#decide(this.#wantsRetryOf(headers), room);
  }

  /** An attempt that ended without a response; `sent` says whether the request had begun to go out. */
  afterFailure(reason: FailureReason, sent: boolean, room: RetryRoom): RetryDecision {
    return this.#decide(this.#wantsRetryAfter(reason, sent), room);
  }

  /** How long to wait before the next try: random below a limit that doubles each time. */
  nextBackOffMs(): number {
    const { maxIntervalMs } = this.#policy;
    const limit = this.#intervalMs;
    this.#intervalMs = Math.min(limit * 2, maxIntervalMs);
    return Math.min(Math.floor(this.#random() % Math.max(1, limit)), maxIntervalMs);
  }

  #decide(wanted: boolean, room: RetryRoom): RetryDecision {
    if (!wanted) return "no";
    if (this.#left === 0) return "limit exceeded";
    this.#left--;
    return room.mayRetry ? "yes" : "overflow";
  }

  #wantsRetryOf(headers: HeaderMap): boolean {
    const on = this.#on;
    if (headers.has("x-envoy-ratelimited")) return on.has("envoy-ratelimited");
    const status = Number(headers.get(":status"));
    if (on.has("5xx") && status >= 500) return true;
    if (on.has("gateway-error") && status >= 502 && status <= 504) return true;
    if (on.has("retriable-4xx") && status === 409) return true;
    if (on.has("retriable-status-codes") && this.#statusCodes.has(status)) return true;
    if (on.has("retriable-headers") && this.#policy.responseHeaders.some((test) => test(headers)))
      return true;
    const condition = grpcConditionByStatus[headers.get("grpc-status") ?? ""];
    return condition !== undefined && on.has(condition);
  }

  #wantsRetryAfter(reason: FailureReason, sent: boolean): boolean {
    const on = this.#on;
    if (reason === "overflow") return false;
    if (on.has("reset") || on.has("5xx") || on.has("gateway-error")) return true;
    if (on.has("reset-before-request") && !sent) return true;
    if (on.has("refused-stream") && reason === "remote refused stream reset") return true;
    return on.has("connect-failure") && isPoolFailure(reason);
  }
}

const steeringHeaders = [
  "x-envoy-retry-on",
  "x-envoy-retry-grpc-on",
  "x-envoy-max-retries",
  "x-envoy-retriable-status-codes",
  "x-envoy-retriable-header-names",
  "x-envoy-hedge-on-per-try-timeout",
] as const;
