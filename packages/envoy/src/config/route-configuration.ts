/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto */
import type { HeaderChanges } from "./header-value-option.ts";
import type { PerFilterConfigs } from "./http-filter.ts";
import type { Metadata } from "./metadata.ts";
import type { RequestMirrorPolicy } from "./route-action.ts";
import type { VirtualHost } from "./virtual-host.ts";

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
