/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto#type-matcher-v3-liststringmatcher */
import type { Decoder } from "./decode/decoder.ts";
import { repeated } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

/** Matches where one of the patterns does. */
export interface ListStringMatcher {
  readonly patterns: readonly StringMatcher[];
}

export const listStringMatcher: Decoder<ListStringMatcher> = message<ListStringMatcher>(
  "envoy.type.matcher.v3.ListStringMatcher",
  { patterns: repeated(stringMatcher, { minItems: 1 }) },
);
