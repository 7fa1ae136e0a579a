/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/health_check/v3/health_check.proto */
import type { HeaderMatcher } from "../header-matcher.ts";
import type { Percent } from "../percent.ts";

export interface HealthCheck {
  readonly type: "HealthCheck";
  readonly passThroughMode: boolean;
  /** Pass-through only: how long the upstream's answer is kept. */
  readonly cacheTimeMs?: number;
  readonly clusterMinHealthyPercentages: Readonly<Record<string, Percent>>;
  readonly headers: readonly HeaderMatcher[];
}
