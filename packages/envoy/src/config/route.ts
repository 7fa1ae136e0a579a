/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route */

import type { CustomTag } from "./custom-tag.ts";
import { customTag } from "./custom-tag.ts";
import type { Decoder } from "./decode/decoder.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, string, uint32, uint64 } from "./decode/scalars.ts";
import type { DirectResponseAction } from "./direct-response-action.ts";
import { directResponseAction } from "./direct-response-action.ts";
import type { HeaderChanges } from "./header-value-option.ts";
import { headerChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import { perFilterConfigs } from "./http-filter.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";
import type { FractionalPercent } from "./percent.ts";
import { fractionalPercent } from "./percent.ts";
import type { RedirectAction } from "./redirect-action.ts";
import { redirectAction } from "./redirect-action.ts";
import type { RouteAction } from "./route-action.ts";
import { routeAction } from "./route-action.ts";
import type { RouteMatch } from "./route-match.ts";
import { routeMatch } from "./route-match.ts";

/** Exactly one action is present. */
export interface Route extends HeaderChanges {
  readonly name?: string;
  readonly match: RouteMatch;
  readonly route?: RouteAction;
  readonly redirect?: RedirectAction;
  readonly directResponse?: DirectResponseAction;
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

const decorator: Decoder<Decorator> = message<Decorator>("envoy.config.route.v3.Decorator", {
  operation: required(string({ minLen: 1 })),
  propagate: optional(bool()),
});

const routeTracing: Decoder<RouteTracing> = message<RouteTracing>("envoy.config.route.v3.Tracing", {
  clientSampling: optional(fractionalPercent),
  randomSampling: optional(fractionalPercent),
  overallSampling: optional(fractionalPercent),
  customTags: repeated(customTag),
  operation: optional(string()),
  upstreamOperation: optional(string()),
});

export const route: Decoder<Route> = message<Route>(
  "envoy.config.route.v3.Route",
  {
    name: optional(string()),
    match: required(routeMatch),
    route: optional(routeAction),
    redirect: optional(redirectAction),
    directResponse: optional(directResponseAction),
    metadata: optional(metadata),
    decorator: optional(decorator),
    tracing: optional(routeTracing),
    typedPerFilterConfig: perFilterConfigs,
    perRequestBufferLimitBytes: optional(uint32()),
    requestBodyBufferLimit: optional(uint64()),
    statPrefix: optional(string()),
    ...headerChanges,
  },
  {
    oneofs: [
      {
        name: "action",
        fields: ["route", "redirect", "direct_response"],
        required: true,
      },
    ],
    unsupported: {
      filter_action: "filter actions",
      non_forwarding_action: "non-forwarding actions",
    },
  },
);
