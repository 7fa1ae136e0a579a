/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto */
import type { RegexMatcher } from "./regex.ts";

/** One of the patterns is present; safeRegex matches the whole value and does not heed `ignoreCase`. */
export interface StringMatcher {
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly safeRegex?: RegexMatcher;
  readonly ignoreCase: boolean;
}
