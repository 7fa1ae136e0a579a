/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/cors/v3/cors.proto */
import { optional, repeated } from "../decode/field.ts";
import { extension, type MessageDecoder } from "../decode/message.ts";
import { bool, string } from "../decode/scalars.ts";
import type { RuntimeFractionalPercent } from "../percent.ts";
import { runtimeFractionalPercent } from "../percent.ts";
import type { StringMatcher } from "../string-matcher.ts";
import { stringMatcher } from "../string-matcher.ts";

/** Switches the filter on; what it does stands in each route's or virtual host's CorsPolicy. */
export interface Cors {
  readonly type: "Cors";
}

export interface CorsPolicy {
  readonly type: "CorsPolicy";
  readonly allowOriginStringMatch: readonly StringMatcher[];
  readonly allowMethods?: string;
  readonly allowHeaders?: string;
  readonly exposeHeaders?: string;
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  /** Absent: 100 %. */
  readonly filterEnabled?: RuntimeFractionalPercent;
  readonly allowPrivateNetworkAccess?: boolean;
  /** Absent: true. */
  readonly forwardNotMatchingPreflights?: boolean;
}

const name = "envoy.extensions.filters.http.cors.v3.Cors";

export const cors: MessageDecoder<Cors> = extension<Cors>(name, "Cors", {});

export const corsPolicy: MessageDecoder<CorsPolicy> = extension<CorsPolicy>(
  `${name}Policy`,
  "CorsPolicy",
  {
    allowOriginStringMatch: repeated(stringMatcher),
    allowMethods: optional(string()),
    allowHeaders: optional(string()),
    exposeHeaders: optional(string()),
    maxAge: optional(string()),
    allowCredentials: optional(bool()),
    filterEnabled: optional(runtimeFractionalPercent),
    allowPrivateNetworkAccess: optional(bool()),
    forwardNotMatchingPreflights: optional(bool()),
  },
  { accepted: { shadow_enabled: "evaluated for statistics only, which are not kept" } },
);
