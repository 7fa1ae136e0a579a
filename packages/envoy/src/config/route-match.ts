/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch */
import type { Decoder } from "./decode/decoder.ts";
import { optional, repeated } from "./decode/field.ts";
import { empty, message } from "./decode/message.ts";
import { bool, string } from "./decode/scalars.ts";
import type { Empty } from "./extension.ts";
import type { HeaderMatcher } from "./header-matcher.ts";
import { headerMatcher } from "./header-matcher.ts";
import type { RuntimeFractionalPercent } from "./percent.ts";
import { runtimeFractionalPercent } from "./percent.ts";
import type { QueryParameterMatcher } from "./query-parameter-matcher.ts";
import { queryParameterMatcher } from "./query-parameter-matcher.ts";
import type { RegexMatcher } from "./regex.ts";
import { regexMatcher } from "./regex.ts";

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

const name = "envoy.config.route.v3.RouteMatch";

export const routeMatch: Decoder<RouteMatch> = message<RouteMatch>(
  name,
  {
    prefix: optional(string()),
    path: optional(string()),
    safeRegex: optional(regexMatcher),
    pathSeparatedPrefix: optional(string({ pattern: /^[^?#]+[^?#/]$/ })),
    connectMatcher: optional(empty(`${name}.ConnectMatcher`)),
    caseSensitive: optional(bool()),
    runtimeFraction: optional(runtimeFractionalPercent),
    headers: repeated(headerMatcher),
    queryParameters: repeated(queryParameterMatcher),
    grpc: optional(empty(`${name}.GrpcRouteMatchOptions`)),
  },
  {
    oneofs: [
      {
        name: "path_specifier",
        fields: ["prefix", "path", "safe_regex", "path_separated_prefix", "connect_matcher"],
        required: true,
      },
    ],
    unsupported: {
      path_match_policy: "path match policies such as URI templates",
      cookies: "matching cookies",
      tls_context: "matching TLS contexts",
      dynamic_metadata: "matching dynamic metadata",
      filter_state: "matching filter state",
    },
  },
);
