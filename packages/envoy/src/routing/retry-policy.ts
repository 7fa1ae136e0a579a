/** Retry policies, compiled. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on */
import { atLeastOneMs, type RetryPolicy as RetryPolicyConfig } from "../config/retry-policy.ts";
import { compileHeaderMatcher, type HeadersTest } from "./header-matcher.ts";

export const retryConditions = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "refused-stream",
  "envoy-ratelimited",
  "retriable-4xx",
  "retriable-status-codes",
  "retriable-headers",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
] as const;

export type RetryCondition = (typeof retryConditions)[number];

const grpcConditions: ReadonlySet<string> = new Set([
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
]);

const knownConditions: ReadonlySet<string> = new Set(retryConditions);

export interface RetryPolicy {
  readonly on: ReadonlySet<RetryCondition>;
  readonly maxRetries: number;
  /** 0: none. */
  readonly perTryTimeoutMs: number;
  readonly perTryIdleTimeoutMs: number;
  readonly statusCodes: ReadonlySet<number>;
  readonly responseHeaders: readonly HeadersTest[];
  readonly requestHeaders: readonly HeadersTest[];
  readonly baseIntervalMs: number;
  readonly maxIntervalMs: number;
  /** Endpoints already tried are passed over, so many times. */
  readonly avoidPreviousHosts: boolean;
  readonly hostSelectionAttempts: number;
}

const defaultBaseIntervalMs = 25;

export const noRetries: RetryPolicy = compileRetryPolicy(undefined);

export function compileRetryPolicy(config: RetryPolicyConfig | undefined): RetryPolicy {
  const { baseIntervalMs = defaultBaseIntervalMs, maxIntervalMs } = config?.retryBackOff ?? {};
  const base = atLeastOneMs(baseIntervalMs);
  return {
    on: parseRetryOn(config?.retryOn ?? "", "all"),
    maxRetries: config?.numRetries ?? 1,
    perTryTimeoutMs: config?.perTryTimeoutMs ?? 0,
    perTryIdleTimeoutMs: config?.perTryIdleTimeoutMs ?? 0,
    statusCodes: new Set(config?.retriableStatusCodes ?? []),
    responseHeaders: (config?.retriableHeaders ?? []).map(compileHeaderMatcher),
    requestHeaders: (config?.retriableRequestHeaders ?? []).map(compileHeaderMatcher),
    baseIntervalMs: base,
    maxIntervalMs: maxIntervalMs === undefined ? base * 10 : atLeastOneMs(maxIntervalMs),
    avoidPreviousHosts: (config?.retryHostPredicate.length ?? 0) > 0,
    hostSelectionAttempts: config?.hostSelectionRetryMaxAttempts ?? 1,
  };
}

/** Unknown words are passed over, as in the headers of the same name. */
export function parseRetryOn(
  text: string,
  family: "http" | "grpc" | "all",
): ReadonlySet<RetryCondition> {
  const on = new Set<RetryCondition>();
  for (const part of text.split(",")) {
    const word = part.trim();
    if (!isRetryCondition(word)) continue;
    if (family === "all" || (family === "grpc") === grpcConditions.has(word)) on.add(word);
  }
  return on;
}

function isRetryCondition(word: string): word is RetryCondition {
  return knownConditions.has(word);
}
