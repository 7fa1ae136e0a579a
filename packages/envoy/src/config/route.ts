/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route */
import type { CustomTag } from "./custom-tag.ts";
import type { DirectResponseAction } from "./direct-response-action.ts";
import type { Empty } from "./extension.ts";
import type { HeaderChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import type { Metadata } from "./metadata.ts";
import type { FractionalPercent } from "./percent.ts";
import type { RedirectAction } from "./redirect-action.ts";
import type { RouteAction } from "./route-action.ts";
import type { RouteMatch } from "./route-match.ts";

/** Exactly one action is present. */
export interface Route extends HeaderChanges {
  readonly name?: string;
  readonly match: RouteMatch;
  readonly route?: RouteAction;
  readonly redirect?: RedirectAction;
  readonly directResponse?: DirectResponseAction;
  readonly nonForwardingAction?: Empty;
  readonly metadata?: Metadata;
  readonly decorator?: Decorator;
  readonly tracing?: RouteTracing;
  readonly typedPerFilterConfig: PerFilterConfigs;
  readonly perRequestBufferLimitBytes?: number;
  readonly requestBodyBufferLimit?: number;
  readonly statPrefix?: string;
}

/** Names the span. */
export interface Decorator {
  readonly operation: string;
  /** Absent: true. */
  readonly propagate?: boolean;
}

/** Replaces the connection manager's sampling on this route; absent shares mean 100 %. */
export interface RouteTracing {
  readonly clientSampling?: FractionalPercent;
  readonly randomSampling?: FractionalPercent;
  readonly overallSampling?: FractionalPercent;
  readonly customTags: readonly CustomTag[];
  /** Format strings. */
  readonly operation?: string;
  readonly upstreamOperation?: string;
}
