/** The http filters a connection manager can be given. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/http_filters */
import type { TypedExtension } from "./extension.ts";
import type { Buffer, BufferPerRoute } from "./filters/buffer.ts";
import type { Cors, CorsPolicy } from "./filters/cors.ts";
import type { HttpFault } from "./filters/fault.ts";
import type { HealthCheck } from "./filters/health-check.ts";
import type { Router } from "./filters/router.ts";

export interface HttpFilter extends TypedExtension<HttpFilterConfig> {
  readonly isOptional: boolean;
  /** Off unless a route's typed_per_filter_config switches it on. */
  readonly disabled: boolean;
}

export type HttpFilterConfig = Router | HttpFault | Buffer | HealthCheck | Cors;

/** typed_per_filter_config: by the filter's name. */
export type PerFilterConfigs = Readonly<Record<string, PerFilterConfig>>;

export type PerFilterConfig = HttpFault | BufferPerRoute | CorsPolicy | FilterConfig;

/** The wrapper that switches a filter on or off for a route. (route.v3.FilterConfig) */
export interface FilterConfig {
  readonly type: "FilterConfig";
  readonly config?: Exclude<PerFilterConfig, FilterConfig>;
  readonly isOptional: boolean;
  readonly disabled: boolean;
}
