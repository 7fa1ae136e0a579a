/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost */
import type { HeaderChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import type { Metadata } from "./metadata.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { Route } from "./route.ts";
import type { RequestMirrorPolicy } from "./route-action.ts";

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
