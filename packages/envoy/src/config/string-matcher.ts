/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto */
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import type { RegexMatcher } from "./regex.ts";
import { regexMatcher } from "./regex.ts";

/** One of the patterns is present; safeRegex matches the whole value and does not heed `ignoreCase`. */
export interface StringMatcher {
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly safeRegex?: RegexMatcher;
  readonly ignoreCase: boolean;
}

export const stringMatcher: Decoder<StringMatcher> = message<StringMatcher>(
  "envoy.type.matcher.v3.StringMatcher",
  {
    exact: optional(string()),
    prefix: optional(string({ minLen: 1 })),
    suffix: optional(string({ minLen: 1 })),
    contains: optional(string({ minLen: 1 })),
    safeRegex: optional(regexMatcher),
    ignoreCase: flag(),
  },
  {
    oneofs: [
      {
        name: "match_pattern",
        fields: ["exact", "prefix", "suffix", "contains", "safe_regex"],
        required: true,
      },
    ],
    unsupported: { custom: "custom string matchers" },
  },
);
