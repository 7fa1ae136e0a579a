/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto */
import type { AccessLog } from "./access-log.ts";
import type { CidrRange } from "./address.ts";
import type { HttpFilter } from "./http-filter.ts";
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from "./http-protocol-options.ts";
import type { LocalReplyConfig } from "./local-reply.ts";
import type { UuidRequestIdConfig } from "./request-id.ts";
import type { RouteConfiguration } from "./route-configuration.ts";
import type { Tracing } from "./tracing.ts";

export type CodecType = "AUTO" | "HTTP1" | "HTTP2";

export type ServerHeaderTransformation = "OVERWRITE" | "APPEND_IF_ABSENT" | "PASS_THROUGH";

export type PathWithEscapedSlashesAction =
  | "IMPLEMENTATION_SPECIFIC_DEFAULT"
  | "KEEP_UNCHANGED"
  | "REJECT_REQUEST"
  | "UNESCAPE_AND_REDIRECT"
  | "UNESCAPE_AND_FORWARD";

/** Absent values take Envoy's defaults, which the reader of a field applies. */
export interface HttpConnectionManager {
  readonly type: "HttpConnectionManager";
  readonly codecType?: CodecType;
  readonly statPrefix: string;
  readonly routeConfig: RouteConfiguration;
  /** In order; the last one is the router. */
  readonly httpFilters: readonly HttpFilter[];
  readonly addUserAgent?: boolean;
  readonly tracing?: Tracing;
  readonly commonHttpProtocolOptions?: CommonHttpProtocolOptions;
  readonly httpProtocolOptions?: Http1ProtocolOptions;
  readonly http2ProtocolOptions?: Http2ProtocolOptions;
  readonly serverName?: string;
  readonly serverHeaderTransformation?: ServerHeaderTransformation;
  readonly schemeHeaderTransformation?: { readonly schemeToOverwrite?: "http" | "https" };
  readonly maxRequestHeadersKb?: number;
  readonly streamIdleTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly requestHeadersTimeoutMs?: number;
  readonly drainTimeoutMs?: number;
  readonly delayedCloseTimeoutMs?: number;
  readonly accessLog: readonly AccessLog[];
  readonly useRemoteAddress?: boolean;
  readonly xffNumTrustedHops?: number;
  readonly internalAddressConfig?: InternalAddressConfig;
  readonly skipXffAppend: boolean;
  readonly via?: string;
  readonly generateRequestId?: boolean;
  readonly preserveExternalRequestId: boolean;
  readonly alwaysSetRequestIdInResponse: boolean;
  readonly proxy100Continue: boolean;
  readonly upgradeConfigs: readonly UpgradeConfig[];
  readonly normalizePath?: boolean;
  readonly mergeSlashes: boolean;
  readonly pathWithEscapedSlashesAction?: PathWithEscapedSlashesAction;
  readonly requestIdExtension?: { readonly typeUrl: string; readonly config: UuidRequestIdConfig };
  readonly localReplyConfig?: LocalReplyConfig;
  readonly stripMatchingHostPort: boolean;
  readonly stripAnyHostPort: boolean;
  readonly stripTrailingHostDot: boolean;
  readonly streamErrorOnInvalidHttpMessage?: boolean;
  readonly appendXForwardedPort: boolean;
}

export interface InternalAddressConfig {
  readonly unixSockets: boolean;
  readonly cidrRanges: readonly CidrRange[];
}

export interface UpgradeConfig {
  /** Such as `websocket`. */
  readonly upgradeType: string;
  /** Absent: the connection manager's own. */
  readonly filters: readonly HttpFilter[];
  /** Absent: true. */
  readonly enabled?: boolean;
}
