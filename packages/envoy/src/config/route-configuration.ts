/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto */
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional, repeated } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, string, uint32 } from "./decode/scalars.ts";
import type { HeaderChanges } from "./header-value-option.ts";
import { headerChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import { perFilterConfigs } from "./http-filter.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";
import type { RequestMirrorPolicy } from "./route-action.ts";
import { requestMirrorPolicy } from "./route-action.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { virtualHost } from "./virtual-host.ts";

export interface RouteConfiguration extends HeaderChanges {
  readonly name?: string;
  readonly virtualHosts: readonly VirtualHost[];
  readonly mostSpecificHeaderMutationsWins: boolean;
  /** Absent: true for a route configuration in the file. */
  readonly validateClusters?: boolean;
  readonly maxDirectResponseBodySizeBytes?: number;
  readonly requestMirrorPolicies: readonly RequestMirrorPolicy[];
  readonly ignorePortInHostMatching: boolean;
  readonly typedPerFilterConfig: PerFilterConfigs;
  readonly metadata?: Metadata;
}

export const routeConfiguration: Decoder<RouteConfiguration> = message<RouteConfiguration>(
  "envoy.config.route.v3.RouteConfiguration",
  {
    name: optional(string()),
    virtualHosts: repeated(virtualHost),
    mostSpecificHeaderMutationsWins: flag(),
    validateClusters: optional(bool()),
    maxDirectResponseBodySizeBytes: optional(uint32()),
    requestMirrorPolicies: repeated(requestMirrorPolicy),
    ignorePortInHostMatching: flag(),
    typedPerFilterConfig: perFilterConfigs,
    metadata: optional(metadata),
    ...headerChanges,
  },
  {
    accepted: {
      internal_only_headers:
        "external requests are not cleaned of extra headers by it since Envoy 1.33 defaults",
    },
    unsupported: {
      vhds: "virtual host discovery (dynamic configuration)",
      cluster_specifier_plugins: "cluster specifier plugins",
      vhost_header: "choosing a virtual host by another header",
      ignore_path_parameters_in_path_matching: "path parameters",
    },
  },
);

export const noRoutes: RouteConfiguration = {
  virtualHosts: [],
  mostSpecificHeaderMutationsWins: false,
  requestMirrorPolicies: [],
  ignorePortInHostMatching: false,
  typedPerFilterConfig: {},
  requestHeadersToAdd: [],
  requestHeadersToRemove: [],
  responseHeadersToAdd: [],
  responseHeadersToRemove: [],
};
