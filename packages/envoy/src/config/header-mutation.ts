/** One change of a message's headers. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/common/mutation_rules/v3/mutation_rules.proto#config-common-mutation-rules-v3-headermutation */
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import type { HeaderValueOption } from "./header-value-option.ts";
import { headerValueOption } from "./header-value-option.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

/** One of them is present. */
export interface HeaderMutation {
  readonly remove?: string;
  readonly append?: HeaderValueOption;
  /** Every header whose name matches. */
  readonly removeOnMatch?: { readonly keyMatcher: StringMatcher };
}

const name = "envoy.config.common.mutation_rules.v3.HeaderMutation";

export const headerMutation: Decoder<HeaderMutation> = message<HeaderMutation>(
  name,
  {
    remove: optional(string({ minLen: 1, header: "name" })),
    append: optional(headerValueOption),
    removeOnMatch: optional(
      message<NonNullable<HeaderMutation["removeOnMatch"]>>(`${name}.RemoveOnMatch`, {
        keyMatcher: required(stringMatcher),
      }),
    ),
  },
  {
    oneofs: [{ name: "action", fields: ["remove", "append", "remove_on_match"], required: true }],
  },
);
