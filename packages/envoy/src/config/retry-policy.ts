/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-retrypolicy */
import type { HeaderMatcher } from "./header-matcher.ts";

export interface RetryPolicy {
  /** Comma separated, as x-envoy-retry-on. */
  readonly retryOn?: string;
  readonly numRetries?: number;
  /** 0 means none. */
  readonly perTryTimeoutMs?: number;
  readonly perTryIdleTimeoutMs?: number;
  readonly retriableStatusCodes: readonly number[];
  readonly retryBackOff?: RetryBackOff;
  readonly retriableHeaders: readonly HeaderMatcher[];
  readonly retriableRequestHeaders: readonly HeaderMatcher[];
  /** envoy.retry_host_predicates.previous_hosts is the one supported. */
  readonly retryHostPredicate: readonly RetryHostPredicate[];
  readonly hostSelectionRetryMaxAttempts?: number;
}

export interface RetryBackOff {
  readonly baseIntervalMs: number;
  /** Absent: ten times the base. */
  readonly maxIntervalMs?: number;
}

export interface RetryHostPredicate {
  readonly name: string;
  readonly config?: { readonly type: "PreviousHostsPredicate" };
}
