/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string, uint32, uint64 } from "./decode/scalars.ts";
import type { HeaderChanges } from "./header-value-option.ts";
import { headerChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import { perFilterConfigs } from "./http-filter.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { retryPolicy } from "./retry-policy.ts";
import type { Route } from "./route.ts";
import { route } from "./route.ts";
import type { RequestMirrorPolicy } from "./route-action.ts";
import { requestMirrorPolicy } from "./route-action.ts";

export interface VirtualHost extends HeaderChanges {
  readonly name: string;
  /** Exact, `*.suffix`, `prefix.*` or `*`. */
  readonly domains: readonly string[];
  readonly routes: readonly Route[];
  readonly requireTls?: "NONE" | "EXTERNAL_ONLY" | "ALL";
  readonly typedPerFilterConfig: PerFilterConfigs;
  readonly includeRequestAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  readonly includeIsTimeoutRetryHeader: boolean;
  readonly retryPolicy?: RetryPolicy;
  readonly requestMirrorPolicies: readonly RequestMirrorPolicy[];
  readonly perRequestBufferLimitBytes?: number;
  readonly requestBodyBufferLimit?: number;
  readonly metadata?: Metadata;
}

const name = "envoy.config.route.v3.VirtualHost";

export const virtualHost: Decoder<VirtualHost> = message<VirtualHost>(
  name,
  {
    name: required(string({ minLen: 1 })),
    domains: repeated(string({ header: "value" }), { minItems: 1 }),
    routes: repeated(route),
    requireTls: optional(
      enumeration<"NONE" | "EXTERNAL_ONLY" | "ALL">(`${name}.TlsRequirementType`, {
        NONE: 0,
        EXTERNAL_ONLY: 1,
        ALL: 2,
      }),
    ),
    typedPerFilterConfig: perFilterConfigs,
    includeRequestAttemptCount: flag(),
    includeAttemptCountInResponse: flag(),
    includeIsTimeoutRetryHeader: flag(),
    retryPolicy: optional(retryPolicy),
    requestMirrorPolicies: repeated(requestMirrorPolicy),
    perRequestBufferLimitBytes: optional(uint32()),
    requestBodyBufferLimit: optional(uint64()),
    metadata: optional(metadata),
    ...headerChanges,
  },
  {
    unsupported: {
      matcher: "route matching trees",
      virtual_clusters: "virtual clusters",
      rate_limits: "rate limit descriptors",
      cors: "the deprecated cors field (use typed_per_filter_config)",
      hedge_policy: "request hedging",
    },
  },
);
