/** Regular expressions, RE2 syntax in the file. https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto */

export interface RegexMatcher {
  /** As written. */
  readonly regex: string;
  /** The same expression for V8, not anchored: who asks for a whole match has to compare the match's length. */
  readonly compiled: RegExp;
}

/** `substitution` holds `\1` to `\9` and `\0`, as RE2 does. */
export interface RegexMatchAndSubstitute {
  readonly pattern: RegexMatcher;
  readonly substitution: string;
}
