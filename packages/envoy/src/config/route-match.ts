/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch */
import type { Empty } from "./extension.ts";
import type { HeaderMatcher } from "./header-matcher.ts";
import type { RuntimeFractionalPercent } from "./percent.ts";
import type { QueryParameterMatcher } from "./query-parameter-matcher.ts";
import type { RegexMatcher } from "./regex.ts";

/** Exactly one of the path specifiers is present; all other conditions have to hold too. */
export interface RouteMatch {
  readonly prefix?: string;
  readonly path?: string;
  readonly safeRegex?: RegexMatcher;
  readonly pathSeparatedPrefix?: string;
  readonly connectMatcher?: Empty;
  /** Absent: true. Not heeded by safeRegex. */
  readonly caseSensitive?: boolean;
  readonly runtimeFraction?: RuntimeFractionalPercent;
  readonly headers: readonly HeaderMatcher[];
  readonly queryParameters: readonly QueryParameterMatcher[];
  /** Present: only requests whose content-type is gRPC. */
  readonly grpc?: Empty;
}
