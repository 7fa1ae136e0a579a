/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-redirectaction */
import type { RegexMatchAndSubstitute } from "./regex.ts";

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
