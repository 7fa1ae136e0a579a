/** The http filters a connection manager can be given. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/http_filters */
import { any, type Registry } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { type AlwaysField, flag, map, optional } from "./decode/field.ts";
import { extension } from "./decode/message.ts";
import type { TypedExtension } from "./extension.ts";
import type { Buffer, BufferPerRoute } from "./filters/buffer.ts";
import { buffer, bufferPerRoute } from "./filters/buffer.ts";
import type { Compressor, CompressorPerRoute } from "./filters/compressor.ts";
import { compressor, compressorPerRoute } from "./filters/compressor.ts";
import type { Cors, CorsPolicy } from "./filters/cors.ts";
import { cors, corsPolicy } from "./filters/cors.ts";
import type { CsrfPolicy } from "./filters/csrf.ts";
import { csrfPolicy } from "./filters/csrf.ts";
import type { ExtAuthz, ExtAuthzPerRoute } from "./filters/ext-authz.ts";
import { extAuthz, extAuthzPerRoute } from "./filters/ext-authz.ts";
import type { HttpFault } from "./filters/fault.ts";
import { httpFault } from "./filters/fault.ts";
import type { GrpcHttp1Bridge } from "./filters/grpc-http1-bridge.ts";
import { grpcHttp1Bridge } from "./filters/grpc-http1-bridge.ts";
import type { HealthCheck } from "./filters/health-check.ts";
import { healthCheck } from "./filters/health-check.ts";
import type { LocalRateLimit } from "./filters/local-ratelimit.ts";
import { localRateLimit, localRateLimitPerRoute } from "./filters/local-ratelimit.ts";
import type { Router } from "./filters/router.ts";
import { router } from "./filters/router.ts";
import { namedExtension } from "./named-extension.ts";

export interface HttpFilter extends TypedExtension<HttpFilterConfig> {
  /** Off unless a route's typed_per_filter_config switches it on. */
  readonly disabled: boolean;
}

export type HttpFilterConfig =
  | Router
  | HttpFault
  | Buffer
  | HealthCheck
  | Compressor
  | Cors
  | CsrfPolicy
  | LocalRateLimit
  | GrpcHttp1Bridge
  | ExtAuthz;

/** typed_per_filter_config: by the filter's name. */
export type PerFilterConfigs = Readonly<Record<string, PerFilterConfig>>;

export type PerFilterConfig =
  | HttpFault
  | BufferPerRoute
  | CompressorPerRoute
  | CorsPolicy
  | CsrfPolicy
  | LocalRateLimit
  | ExtAuthzPerRoute
  | FilterConfig;

/** The wrapper that switches a filter on or off for a route. (route.v3.FilterConfig) */
export interface FilterConfig {
  readonly type: "FilterConfig";
  readonly config?: Exclude<PerFilterConfig, FilterConfig>;
  readonly disabled: boolean;
}

const filters: Registry<HttpFilterConfig> = {
  "envoy.extensions.filters.http.router.v3.Router": router,
  "envoy.extensions.filters.http.fault.v3.HTTPFault": httpFault,
  "envoy.extensions.filters.http.buffer.v3.Buffer": buffer,
  "envoy.extensions.filters.http.health_check.v3.HealthCheck": healthCheck,
  "envoy.extensions.filters.http.compressor.v3.Compressor": compressor,
  "envoy.extensions.filters.http.cors.v3.Cors": cors,
  "envoy.extensions.filters.http.csrf.v3.CsrfPolicy": csrfPolicy,
  "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit": localRateLimit,
  "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz": extAuthz,
  "envoy.extensions.filters.http.grpc_http1_bridge.v3.Config": grpcHttp1Bridge,
};

/** Why is_optional is read and not heeded: Envoy too refuses a type it does not know in a file. */
const missing = "a filter that is not supported here is refused in any case";

const packages = ["envoy.extensions.filters.http."];

export const httpFilter: Decoder<HttpFilter> = namedExtension<
  HttpFilterConfig,
  { readonly disabled: boolean }
>(
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
  { category: "http filter", packages, registry: () => filters },
  { disabled: flag() },
  {
    accepted: { is_optional: missing },
    unsupported: { config_discovery: "extension discovery (dynamic configuration)" },
  },
);

type RouteLevelConfig = Exclude<PerFilterConfig, FilterConfig>;

const routeLevel: Registry<RouteLevelConfig> = {
  "envoy.extensions.filters.http.fault.v3.HTTPFault": httpFault,
  "envoy.extensions.filters.http.buffer.v3.BufferPerRoute": bufferPerRoute,
  "envoy.extensions.filters.http.compressor.v3.CompressorPerRoute": compressorPerRoute,
  "envoy.extensions.filters.http.cors.v3.CorsPolicy": corsPolicy,
  "envoy.extensions.filters.http.csrf.v3.CsrfPolicy": csrfPolicy,
  "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit": localRateLimitPerRoute,
  "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute": extAuthzPerRoute,
};

const routeLevelAny = any(() => routeLevel, { category: "per-route http filter", packages });

const unwrapped: Decoder<RouteLevelConfig> = {
  ...routeLevelAny,
  decode: (node, at) => routeLevelAny.decode(node, at)?.config,
};

const filterConfigName = "envoy.config.route.v3.FilterConfig";

const filterConfig = extension<FilterConfig>(
  filterConfigName,
  "FilterConfig",
  {
    config: optional(unwrapped),
    disabled: flag(),
  },
  { accepted: { is_optional: missing } },
);

const perFilter: Registry<PerFilterConfig> = { ...routeLevel, [filterConfigName]: filterConfig };

const perFilterAny = any(() => perFilter, { category: "per-route http filter", packages });

/** typed_per_filter_config, as a field. */
export const perFilterConfigs: AlwaysField<PerFilterConfigs> = map<PerFilterConfig>({
  ...perFilterAny,
  decode: (node, at) => perFilterAny.decode(node, at)?.config,
});
