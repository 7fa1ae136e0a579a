/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto */

import type { AccessLog } from "./access-log.ts";
import { accessLog } from "./access-log.ts";
import type { CidrRange } from "./address.ts";
import { cidrRange } from "./address.ts";
import type { ClientCertDetails, ForwardClientCertDetails } from "./client-certificate-details.ts";
import { clientCertDetails, forwardClientCertDetails } from "./client-certificate-details.ts";
import type { ConfigSource } from "./config-source.ts";
import { configSource } from "./config-source.ts";
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, named, optional, repeated, required, withDefault } from "./decode/field.ts";
import { extension, type MessageDecoder, message } from "./decode/message.ts";
import { bool, string, uint32 } from "./decode/scalars.ts";
import type { HttpFilter } from "./http-filter.ts";
import { httpFilter } from "./http-filter.ts";
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from "./http-protocol-options.ts";
import {
  commonHttpProtocolOptions,
  http1ProtocolOptions,
  http2ProtocolOptions,
} from "./http-protocol-options.ts";
import type { LocalReplyConfig } from "./local-reply.ts";
import { localReplyConfig } from "./local-reply.ts";
import type { UuidRequestIdConfig } from "./request-id.ts";
import { requestIdExtension } from "./request-id.ts";
import type { RouteConfiguration } from "./route-configuration.ts";
import { noRoutes, routeConfiguration } from "./route-configuration.ts";
import type { Tracing } from "./tracing.ts";
import { tracing } from "./tracing.ts";

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
  /** Without routes where they come out of a file of their own. */
  readonly routeConfig: RouteConfiguration;
  readonly rds?: Rds;
  /** In order; the last one is the router. */
  readonly httpFilters: readonly HttpFilter[];
  readonly addUserAgent?: boolean;
  readonly tracing?: Tracing;
  readonly commonHttpProtocolOptions?: CommonHttpProtocolOptions;
  readonly httpProtocolOptions?: Http1ProtocolOptions;
  readonly http2ProtocolOptions?: Http2ProtocolOptions;
  readonly serverName?: string;
  readonly serverHeaderTransformation?: ServerHeaderTransformation;
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
  readonly upgradeConfigs: readonly UpgradeConfig[];
  readonly normalizePath?: boolean;
  readonly mergeSlashes: boolean;
  readonly pathWithEscapedSlashesAction?: PathWithEscapedSlashesAction;
  readonly requestIdExtension?: { readonly typeUrl: string; readonly config: UuidRequestIdConfig };
  readonly localReplyConfig?: LocalReplyConfig;
  readonly stripMatchingHostPort: boolean;
  readonly stripAnyHostPort: boolean;
  readonly stripTrailingHostDot: boolean;
  readonly appendXForwardedPort: boolean;
  readonly proxy100Continue: boolean;
  /** Absent: SANITIZE. */
  readonly forwardClientCertDetails?: ForwardClientCertDetails;
  readonly setCurrentClientCertDetails?: ClientCertDetails;
}

/** A route configuration of that name in a file. */
export interface Rds {
  readonly configSource: ConfigSource;
  readonly routeConfigName: string;
}

export interface InternalAddressConfig {
  readonly cidrRanges: readonly CidrRange[];
}

export interface UpgradeConfig {
  /** Such as `websocket`. */
  readonly upgradeType: string;
  /** Absent: true. */
  readonly enabled?: boolean;
}

const name = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

const codecType = enumeration<CodecType>(
  `${name}.CodecType`,
  { AUTO: 0, HTTP1: 1, HTTP2: 2 },
  { unsupported: { HTTP3: { number: 3, feature: "HTTP/3" } } },
);

const serverHeaderTransformation = enumeration<ServerHeaderTransformation>(
  `${name}.ServerHeaderTransformation`,
  { OVERWRITE: 0, APPEND_IF_ABSENT: 1, PASS_THROUGH: 2 },
);

const pathWithEscapedSlashesAction = enumeration<PathWithEscapedSlashesAction>(
  `${name}.PathWithEscapedSlashesAction`,
  {
    IMPLEMENTATION_SPECIFIC_DEFAULT: 0,
    KEEP_UNCHANGED: 1,
    REJECT_REQUEST: 2,
    UNESCAPE_AND_REDIRECT: 3,
    UNESCAPE_AND_FORWARD: 4,
  },
);

const internalAddressConfig: Decoder<InternalAddressConfig> = message<InternalAddressConfig>(
  `${name}.InternalAddressConfig`,
  { cidrRanges: repeated(cidrRange) },
  { accepted: { unix_sockets: "connections come over TCP only" } },
);

const rds: Decoder<Rds> = message<Rds>(
  "envoy.extensions.filters.network.http_connection_manager.v3.Rds",
  { configSource: required(configSource), routeConfigName: withDefault(string(), "") },
);

const upgradeConfig: Decoder<UpgradeConfig> = message<UpgradeConfig>(
  `${name}.UpgradeConfig`,
  {
    upgradeType: required(string()),
    enabled: optional(bool()),
  },
  { unsupported: { filters: "http filters of an upgrade's own" } },
);

export const httpConnectionManager: MessageDecoder<HttpConnectionManager> =
  extension<HttpConnectionManager>(
    name,
    "HttpConnectionManager",
    {
      codecType: optional(codecType),
      statPrefix: required(string({ minLen: 1 })),
      routeConfig: withDefault(routeConfiguration, noRoutes),
      rds: optional(rds),
      httpFilters: repeated(httpFilter),
      addUserAgent: optional(bool()),
      tracing: optional(tracing),
      commonHttpProtocolOptions: optional(commonHttpProtocolOptions),
      httpProtocolOptions: optional(http1ProtocolOptions),
      http2ProtocolOptions: optional(http2ProtocolOptions),
      serverName: optional(string({ header: "value" })),
      serverHeaderTransformation: optional(serverHeaderTransformation),
      maxRequestHeadersKb: optional(uint32({ gt: 0, lte: 8192 })),
      streamIdleTimeoutMs: optional(duration()),
      requestTimeoutMs: optional(duration()),
      requestHeadersTimeoutMs: optional(duration({ gte: 0 })),
      drainTimeoutMs: optional(duration()),
      delayedCloseTimeoutMs: optional(duration()),
      accessLog: repeated(accessLog),
      useRemoteAddress: optional(bool()),
      xffNumTrustedHops: optional(uint32()),
      internalAddressConfig: optional(internalAddressConfig),
      skipXffAppend: flag(),
      via: optional(string({ header: "value" })),
      generateRequestId: optional(bool()),
      preserveExternalRequestId: flag(),
      alwaysSetRequestIdInResponse: flag(),
      upgradeConfigs: repeated(upgradeConfig),
      normalizePath: optional(bool()),
      mergeSlashes: flag(),
      pathWithEscapedSlashesAction: optional(pathWithEscapedSlashesAction),
      requestIdExtension: optional(requestIdExtension),
      localReplyConfig: optional(localReplyConfig),
      stripMatchingHostPort: flag(),
      stripAnyHostPort: flag(),
      stripTrailingHostDot: flag(),
      appendXForwardedPort: flag(),
      proxy100Continue: named("proxy_100_continue", flag()),
      forwardClientCertDetails: optional(forwardClientCertDetails),
      setCurrentClientCertDetails: optional(clientCertDetails),
    },
    {
      oneofs: [{ name: "route_specifier", fields: ["route_config", "rds"], required: true }],
      unsupported: {
        scheme_header_transformation: "overwriting the scheme",
        stream_error_on_invalid_http_message: "keeping connections open after invalid messages",
        scoped_routes: "scoped routes",
        http3_protocol_options: "HTTP/3",
        http1_safe_max_connection_duration: "safe connection durations",
        access_log_flush_interval: "access log flush intervals",
        flush_access_log_on_new_request: "access log entries for new requests",
        access_log_options: "access log options",
        original_ip_detection_extensions: "original IP detection extensions",
        early_header_mutation_extensions: "early header mutation",
        forward_client_cert_matcher: "matchers for client certificates",
        represent_ipv4_remote_address_as_ipv4_mapped_ipv6: "IPv4-mapped addresses",
        path_normalization_options: "path normalization extensions",
        proxy_status_config: "the Proxy-Status header",
        typed_header_validation_config: "header validation extensions",
        append_local_overload: "overload management",
        add_proxy_protocol_connection_state: "the PROXY protocol",
        stream_flush_timeout: "stream flush timeouts",
        forward_proto_config: "scheme by destination port",
      },
    },
  );
