/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher */
import type { RegexMatcher } from "./regex.ts";
import type { StringMatcher } from "./string-matcher.ts";

/** A test of one request header; without a specifier the header has to be present. `name` is lower-case, `:path` and so on are allowed. */
export interface HeaderMatcher {
  readonly name: string;
  readonly stringMatch?: StringMatcher;
  readonly rangeMatch?: Int64Range;
  readonly presentMatch?: boolean;
  /** Deprecated spellings, still accepted by Envoy. */
  readonly exactMatch?: string;
  readonly prefixMatch?: string;
  readonly suffixMatch?: string;
  readonly containsMatch?: string;
  readonly safeRegexMatch?: RegexMatcher;
  readonly invertMatch: boolean;
  readonly treatMissingHeaderAsEmpty: boolean;
}

/** start inclusive, end exclusive. */
export interface Int64Range {
  readonly start: number;
  readonly end: number;
}
