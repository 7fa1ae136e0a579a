/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/local_ratelimit/v3/local_rate_limit.proto */
import { flag, optional, repeated, required } from "../decode/field.ts";
import { extension, fieldPlace, type MessageDecoder } from "../decode/message.ts";
import { string } from "../decode/scalars.ts";
import type { HeaderValueOption } from "../header-value-option.ts";
import { headerValueOption } from "../header-value-option.ts";
import type { HttpStatus } from "../http-status.ts";
import { httpStatus } from "../http-status.ts";
import type { RuntimeFractionalPercent } from "../percent.ts";
import { runtimeFractionalPercent } from "../percent.ts";
import type { TokenBucket } from "../token-bucket.ts";
import { tokenBucket } from "../token-bucket.ts";

/** The same message for the filter and for a route. */
export interface LocalRateLimit {
  readonly type: "LocalRateLimit";
  readonly statPrefix: string;
  /** Absent, or below 400: 429. */
  readonly status?: HttpStatus;
  /** Absent: nothing is limited. */
  readonly tokenBucket?: TokenBucket;
  /** Absent: no request. */
  readonly filterEnabled?: RuntimeFractionalPercent;
  /** Absent: none of those that are looked at. */
  readonly filterEnforced?: RuntimeFractionalPercent;
  readonly responseHeadersToAdd: readonly HeaderValueOption[];
  readonly requestHeadersToAddWhenNotEnforced: readonly HeaderValueOption[];
  /** A bucket for each client connection instead of one for all. */
  readonly localRateLimitPerDownstreamConnection: boolean;
  readonly rateLimitedAsResourceExhausted: boolean;
}

const leastFillIntervalMs = 50;

export const localRateLimit: MessageDecoder<LocalRateLimit> = decoder({ isRoute: false });

export const localRateLimitPerRoute: MessageDecoder<LocalRateLimit> = decoder({ isRoute: true });

function decoder({ isRoute }: { readonly isRoute: boolean }): MessageDecoder<LocalRateLimit> {
  return extension<LocalRateLimit>(
    "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    "LocalRateLimit",
    {
      statPrefix: required(string({ minLen: 1 })),
      status: optional(httpStatus),
      tokenBucket: optional(tokenBucket),
      filterEnabled: optional(runtimeFractionalPercent),
      filterEnforced: optional(runtimeFractionalPercent),
      responseHeadersToAdd: repeated(headerValueOption, { maxItems: 10 }),
      requestHeadersToAddWhenNotEnforced: repeated(headerValueOption, { maxItems: 10 }),
      localRateLimitPerDownstreamConnection: flag(),
      rateLimitedAsResourceExhausted: flag(),
    },
    {
      unsupported: {
        descriptors: "rate limit descriptors",
        stage: "rate limit stages",
        enable_x_ratelimit_headers: "x-ratelimit headers",
        vh_rate_limits: "rate limits of virtual hosts",
        always_consume_default_token_bucket: "rate limit descriptors",
        local_cluster_rate_limit: "rate limits shared by a cluster",
        rate_limits: "rate limit descriptors",
        max_dynamic_descriptors: "rate limit descriptors",
        enable_retry_after_header: "the retry-after header of rate limits",
      },
      check({ tokenBucket: bucket }, at, node) {
        const place = fieldPlace(node, "token_bucket");
        const refuse = (rule: string): void => at.add("listeners", place, rule, rule);
        if (bucket === undefined) {
          if (isRoute) refuse("local rate limit token bucket must be set for per filter configs");
        } else if (bucket.fillIntervalMs < leastFillIntervalMs) {
          refuse("local rate limit token bucket fill timer must be >= 50ms");
        }
      },
    },
  );
}
