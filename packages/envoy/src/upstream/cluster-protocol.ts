/** What a cluster's connections speak, and how. */
import type { Cluster as ClusterConfig } from "../config/cluster.ts";
import { upstreamProtocolOptionsKey } from "../config/upstream-protocol-options.ts";
import type { PoolOptions } from "../http/stream.ts";
import { http2Limits } from "../http2/compile-limits.ts";

const defaultConnectTimeoutMs = 5000;
const defaultIdleTimeoutMs = 3_600_000;
const defaultBufferLimitBytes = 1024 * 1024;
const kib = 1024;

export function upstreamProtocol(
  config: ClusterConfig,
): "HTTP/1.1" | "HTTP/2" | "ALPN" | "downstream" {
  const options = config.typedExtensionProtocolOptions[upstreamProtocolOptionsKey];
  if (options?.autoConfig !== undefined) return "ALPN";
  if (options?.useDownstreamProtocolConfig !== undefined) return "downstream";
  if (options?.explicitHttpConfig !== undefined)
    return options.explicitHttpConfig.http2ProtocolOptions === undefined ? "HTTP/1.1" : "HTTP/2";
  if (config.protocolSelection === "USE_DOWNSTREAM_PROTOCOL") return "downstream";
  return config.http2ProtocolOptions === undefined ? "HTTP/1.1" : "HTTP/2";
}

export function poolOptions(config: ClusterConfig): Omit<PoolOptions, "host" | "protocol"> {
  const options = config.typedExtensionProtocolOptions[upstreamProtocolOptionsKey];
  const common = options?.commonHttpProtocolOptions ?? config.commonHttpProtocolOptions;
  const http1 =
    options?.explicitHttpConfig?.httpProtocolOptions ??
    options?.useDownstreamProtocolConfig?.httpProtocolOptions ??
    options?.autoConfig?.httpProtocolOptions ??
    config.httpProtocolOptions;
  const http2 =
    options?.explicitHttpConfig?.http2ProtocolOptions ??
    options?.useDownstreamProtocolConfig?.http2ProtocolOptions ??
    options?.autoConfig?.http2ProtocolOptions ??
    config.http2ProtocolOptions;
  const maxRequests = common?.maxRequestsPerConnection ?? config.maxRequestsPerConnection;
  return {
    connectTimeoutMs: config.connectTimeoutMs ?? defaultConnectTimeoutMs,
    idleTimeoutMs: common?.idleTimeoutMs ?? defaultIdleTimeoutMs,
    ...(maxRequests === undefined || maxRequests === 0
      ? {}
      : { maxRequestsPerConnection: maxRequests }),
    ...(http2 === undefined ? {} : { http2: http2Limits(http2) }),
    writeBufferHighWatermarkBytes: config.perConnectionBufferLimitBytes ?? defaultBufferLimitBytes,
    enableTrailers: http1?.enableTrailers ?? false,
    maxResponseHeadersBytes: (common?.maxResponseHeadersKb ?? 60) * kib,
    maxResponseHeadersCount: common?.maxHeadersCount ?? 100,
  };
}
