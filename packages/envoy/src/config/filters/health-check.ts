/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/health_check/v3/health_check.proto */
import { duration } from "../decode/duration.ts";
import { map, optional, repeated, required } from "../decode/field.ts";
import { extension, fieldPlace, type MessageDecoder } from "../decode/message.ts";
import { bool } from "../decode/scalars.ts";
import type { HeaderMatcher } from "../header-matcher.ts";
import { headerMatcher } from "../header-matcher.ts";
import type { Percent } from "../percent.ts";
import { percent } from "../percent.ts";

export interface HealthCheck {
  readonly type: "HealthCheck";
  readonly passThroughMode: boolean;
  /** Pass-through only: how long the upstream's answer is kept. */
  readonly cacheTimeMs?: number;
  readonly clusterMinHealthyPercentages: Readonly<Record<string, Percent>>;
  readonly headers: readonly HeaderMatcher[];
}

export const healthCheck: MessageDecoder<HealthCheck> = extension<HealthCheck>(
  "envoy.extensions.filters.http.health_check.v3.HealthCheck",
  "HealthCheck",
  {
    passThroughMode: required(bool()),
    cacheTimeMs: optional(duration()),
    clusterMinHealthyPercentages: map(percent),
    headers: repeated(headerMatcher),
  },
  {
    check({ passThroughMode, cacheTimeMs = 0 }, at, node) {
      if (passThroughMode || cacheTimeMs === 0) return;
      const place = fieldPlace(node, "cache_time");
      const message = "cache_time needs pass_through_mode: true";
      at.field("cache_time").add(
        "listeners",
        place,
        message,
        "cache_time_ms must not be set when path_through_mode is disabled",
      );
    },
  },
);
