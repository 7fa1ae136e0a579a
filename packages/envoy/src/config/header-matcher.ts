/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher */
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional, required, withDefault } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, int64, string } from "./decode/scalars.ts";
import type { RegexMatcher } from "./regex.ts";
import { regexMatcher } from "./regex.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

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

const int64Range: Decoder<Int64Range> = message<Int64Range>("envoy.type.v3.Int64Range", {
  start: withDefault(int64(), 0),
  end: withDefault(int64(), 0),
});

const asWritten: Decoder<HeaderMatcher> = message<HeaderMatcher>(
  "envoy.config.route.v3.HeaderMatcher",
  {
    name: required(string({ minLen: 1, header: "name" })),
    stringMatch: optional(stringMatcher),
    rangeMatch: optional(int64Range),
    presentMatch: optional(bool()),
    exactMatch: optional(string()),
    prefixMatch: optional(string({ minLen: 1 })),
    suffixMatch: optional(string({ minLen: 1 })),
    containsMatch: optional(string({ minLen: 1 })),
    safeRegexMatch: optional(regexMatcher),
    invertMatch: flag(),
    treatMissingHeaderAsEmpty: flag(),
  },
  {
    oneofs: [
      {
        name: "header_match_specifier",
        fields: [
          "string_match",
          "range_match",
          "present_match",
          "exact_match",
          "prefix_match",
          "suffix_match",
          "contains_match",
          "safe_regex_match",
        ],
      },
    ],
  },
);

export const headerMatcher: Decoder<HeaderMatcher> = {
  ...asWritten,
  decode(node, at) {
    const decoded = asWritten.decode(node, at);
    return decoded === undefined ? undefined : { ...decoded, name: decoded.name.toLowerCase() };
  },
};
