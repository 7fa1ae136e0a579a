/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-retrypolicy */
import type { Registry } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { extension, fieldPlace, message } from "./decode/message.ts";
import { int64, string, uint32 } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import type { HeaderMatcher } from "./header-matcher.ts";
import { headerMatcher } from "./header-matcher.ts";
import { namedExtension } from "./named-extension.ts";

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

export type RetryHostPredicate = TypedExtension<PreviousHosts>;

/** Do not try the hosts again that failed this request. */
export interface PreviousHosts {
  readonly type: "PreviousHostsPredicate";
}

const name = "envoy.config.route.v3.RetryPolicy";

/** Envoy counts in whole milliseconds here. */
export function atLeastOneMs(ms: number): number {
  return Math.max(1, Math.floor(ms));
}

const retryBackOff: Decoder<RetryBackOff> = message<RetryBackOff>(
  `${name}.RetryBackOff`,
  {
    baseIntervalMs: required(duration({ gt: 0 })),
    maxIntervalMs: optional(duration({ gt: 0 })),
  },
  {
    check({ baseIntervalMs, maxIntervalMs }, at, node) {
      if (
        maxIntervalMs === undefined ||
        atLeastOneMs(maxIntervalMs) >= atLeastOneMs(baseIntervalMs)
      )
        return;
      const message = "max_interval is less than base_interval";
      at.add(
        "listeners",
        fieldPlace(node, "max_interval"),
        message,
        "retry_policy.max_interval must greater than or equal to the base_interval",
      );
    },
  },
);

const hostPredicates: Registry<PreviousHosts> = {
  "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate": extension<PreviousHosts>(
    "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
    "PreviousHostsPredicate",
    {},
  ),
};

const retryHostPredicate: Decoder<RetryHostPredicate> = namedExtension<PreviousHosts>(
  `${name}.RetryHostPredicate`,
  {
    category: "retry host predicate",
    packages: ["envoy.extensions.retry.host."],
    registry: () => hostPredicates,
  },
  {},
);

export const retryPolicy: Decoder<RetryPolicy> = message<RetryPolicy>(
  name,
  {
    retryOn: optional(string()),
    numRetries: optional(uint32()),
    perTryTimeoutMs: optional(duration()),
    perTryIdleTimeoutMs: optional(duration()),
    retriableStatusCodes: repeated(uint32()),
    retryBackOff: optional(retryBackOff),
    retriableHeaders: repeated(headerMatcher),
    retriableRequestHeaders: repeated(headerMatcher),
    retryHostPredicate: repeated(retryHostPredicate),
    hostSelectionRetryMaxAttempts: optional(int64()),
  },
  {
    unsupported: {
      retry_priority: "retry priorities",
      retry_options_predicates: "retry options predicates",
      rate_limited_retry_back_off: "rate limited retry back-off",
    },
  },
);
