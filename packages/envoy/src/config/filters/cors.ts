/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/cors/v3/cors.proto */
import type { RuntimeFractionalPercent } from "../percent.ts";
import type { StringMatcher } from "../string-matcher.ts";

/** Switches the filter on; what it does stands in each route's or virtual host's CorsPolicy. */
export interface Cors {
  readonly type: "Cors";
}

export interface CorsPolicy {
  readonly type: "CorsPolicy";
  readonly allowOriginStringMatch: readonly StringMatcher[];
  readonly allowMethods?: string;
  readonly allowHeaders?: string;
  readonly exposeHeaders?: string;
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  /** Absent: 100 %. */
  readonly filterEnabled?: RuntimeFractionalPercent;
  readonly shadowEnabled?: RuntimeFractionalPercent;
  readonly allowPrivateNetworkAccess?: boolean;
  /** Absent: true. */
  readonly forwardNotMatchingPreflights?: boolean;
}
