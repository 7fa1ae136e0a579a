/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-queryparametermatcher */
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, string } from "./decode/scalars.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

/** Without a specifier the parameter has to be present. */
export interface QueryParameterMatcher {
  readonly name: string;
  readonly stringMatch?: StringMatcher;
  readonly presentMatch?: boolean;
}

export const queryParameterMatcher: Decoder<QueryParameterMatcher> = message<QueryParameterMatcher>(
  "envoy.config.route.v3.QueryParameterMatcher",
  {
    name: required(string({ minLen: 1, maxBytes: 1024 })),
    stringMatch: optional(stringMatcher),
    presentMatch: optional(bool()),
  },
  {
    oneofs: [
      { name: "query_parameter_match_specifier", fields: ["string_match", "present_match"] },
    ],
  },
);
