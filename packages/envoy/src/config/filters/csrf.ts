/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/csrf/v3/csrf.proto */
import { optional, repeated, required } from "../decode/field.ts";
import { extension, type MessageDecoder } from "../decode/message.ts";
import type { RuntimeFractionalPercent } from "../percent.ts";
import { runtimeFractionalPercent } from "../percent.ts";
import type { StringMatcher } from "../string-matcher.ts";
import { stringMatcher } from "../string-matcher.ts";

/** The same message for the filter and for a route. */
export interface CsrfPolicy {
  readonly type: "CsrfPolicy";
  readonly filterEnabled: RuntimeFractionalPercent;
  /** Judged and counted, but let through. Absent: none. */
  readonly shadowEnabled?: RuntimeFractionalPercent;
  readonly additionalOrigins: readonly StringMatcher[];
}

export const csrfPolicy: MessageDecoder<CsrfPolicy> = extension<CsrfPolicy>(
  "envoy.extensions.filters.http.csrf.v3.CsrfPolicy",
  "CsrfPolicy",
  {
    filterEnabled: required(runtimeFractionalPercent),
    shadowEnabled: optional(runtimeFractionalPercent),
    additionalOrigins: repeated(stringMatcher),
  },
);
