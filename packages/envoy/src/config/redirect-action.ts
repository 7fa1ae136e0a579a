/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-redirectaction */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, string, uint32 } from "./decode/scalars.ts";
import type { RegexMatchAndSubstitute } from "./regex.ts";
import { regexMatchAndSubstitute } from "./regex.ts";

export type RedirectResponseCode =
  | "MOVED_PERMANENTLY"
  | "FOUND"
  | "SEE_OTHER"
  | "TEMPORARY_REDIRECT"
  | "PERMANENT_REDIRECT";

export interface RedirectAction {
  readonly httpsRedirect?: boolean;
  readonly schemeRedirect?: string;
  readonly hostRedirect?: string;
  readonly portRedirect?: number;
  readonly pathRedirect?: string;
  readonly prefixRewrite?: string;
  readonly regexRewrite?: RegexMatchAndSubstitute;
  /** Absent: MOVED_PERMANENTLY. */
  readonly responseCode?: RedirectResponseCode;
  readonly stripQuery: boolean;
}

const name = "envoy.config.route.v3.RedirectAction";

const responseCode = enumeration<RedirectResponseCode>(`${name}.RedirectResponseCode`, {
  MOVED_PERMANENTLY: 0,
  FOUND: 1,
  SEE_OTHER: 2,
  TEMPORARY_REDIRECT: 3,
  PERMANENT_REDIRECT: 4,
});

export const redirectAction: Decoder<RedirectAction> = message<RedirectAction>(
  name,
  {
    httpsRedirect: optional(bool()),
    schemeRedirect: optional(string()),
    hostRedirect: optional(string({ header: "value" })),
    portRedirect: optional(uint32()),
    pathRedirect: optional(string({ header: "value" })),
    prefixRewrite: optional(string({ header: "value" })),
    regexRewrite: optional(regexMatchAndSubstitute),
    responseCode: optional(responseCode),
    stripQuery: flag(),
  },
  {
    oneofs: [
      { name: "scheme_rewrite_specifier", fields: ["https_redirect", "scheme_redirect"] },
      {
        name: "path_rewrite_specifier",
        fields: ["path_redirect", "prefix_rewrite", "regex_rewrite"],
      },
    ],
  },
);
