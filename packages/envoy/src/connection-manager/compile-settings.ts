/** From a connection manager's configuration to what its streams work with. */
import { compileAccessLogFilter } from "../access-log/access-log-filter.ts";
import { compileAccessLogs } from "../access-log/access-logs.ts";
import { compileLineFormat } from "../access-log/line-format.ts";
import type { HttpConnectionManager } from "../config/http-connection-manager.ts";
import type { Listener } from "../config/listener.ts";
import { createFilters } from "../filters/registry.ts";
import { compileFormat as compileFormatter } from "../formatter/compile-format.ts";
import type { ServerCodecOptions } from "../http/stream.ts";
import { http2Limits } from "../http2/compile-limits.ts";
import { createUuidRequestId } from "../request-id/uuid-request-id.ts";
import type { CompileFormat } from "../routing/header-rules.ts";
import { RouteTable } from "../routing/route-table.ts";
import type { ServerContext } from "../server-context.ts";
import { DateHeader } from "../time/clock.ts";
import { TimeLimits } from "../time/time-limits.ts";
import { compileHostStripping } from "./host-stripping.ts";
import { LocalReplies } from "./local-replies.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { ManagerStats } from "./manager-stats.ts";
import { compileRequestHeaderRules } from "./request-headers.ts";
import { compileResponseHeaderRules } from "./response-headers.ts";
import { StreamTracing } from "./stream-tracing.ts";

const kib = 1024;
const defaultBufferLimitBytes = 1024 * kib;
const defaultStreamIdleTimeoutMs = 300_000;
const defaultIdleTimeoutMs = 3_600_000;

/** Missing values become nothing, as header additions want it. */
const compileFormat: CompileFormat = (text) => {
  const formatter = compileFormatter(text);
  return (info) => formatter.format(info);
};

export function compileSettings(
  config: HttpConnectionManager,
  listener: Listener,
  listenerName: string,
  context: ServerContext,
): ManagerSettings {
  const { stats, runtime, ids, env, node, clusters, state } = context;
  const requestId = createUuidRequestId(config.requestIdExtension?.config, ids);
  const random = (): number => ids.uint32();
  const routes = new RouteTable(config.routeConfig, { runtime, compileFormat, env });
  const { statPrefix } = config;
  return {
    requestHeaders: compileRequestHeaderRules(config, node, context.machineAddress, requestId),
    responseHeaders: compileResponseHeaderRules(config),
    path: {
      normalizePath:
        config.normalizePath ?? runtime.get("http_connection_manager.normalize_path") === true,
      mergeSlashes: config.mergeSlashes,
      escapedSlashes: config.pathWithEscapedSlashesAction ?? "KEEP_UNCHANGED",
    },
    underscores: config.commonHttpProtocolOptions?.headersWithUnderscoresAction ?? "ALLOW",
    hostRewrite: compileHostStripping(config, listener.address.portValue),
    routes,
    filters: createFilters(config.httpFilters, {
      clusters,
      runtime,
      stats,
      statPrefix,
      node,
      healthCheckFailed: () => state.healthCheckFailed,
      random,
      machineAddress: context.machineAddress,
      timeLimits: new TimeLimits(),
      nodeMetadata: context.bootstrap.node?.metadata ?? {},
      compileFormat,
    }),
    localReplies: new LocalReplies(config.localReplyConfig, {
      env,
      compileFormat,
      compileFilter: (filter) => compileAccessLogFilter(filter, { runtime, ids }),
      compileBody: (format) => compileLineFormat(format, env),
    }),
    tracing: compileTracing(config, listener, context, requestId),
    stats: new ManagerStats(stats, statPrefix, listenerName),
    date: new DateHeader(),
    upgrades: new Map(
      config.upgradeConfigs.map(({ upgradeType, enabled = true }) => [
        upgradeType.toLowerCase(),
        enabled,
      ]),
    ),
    streamIdleTimeoutMs: config.streamIdleTimeoutMs ?? defaultStreamIdleTimeoutMs,
    requestTimeoutMs: config.requestTimeoutMs ?? 0,
    maxStreamDurationMs: config.commonHttpProtocolOptions?.maxStreamDurationMs,
    bufferLimitBytes: listener.perConnectionBufferLimitBytes ?? defaultBufferLimitBytes,
    proxy100Continue: config.proxy100Continue,
    random,
    clusterStatName: (name) => {
      const cluster = clusters.get(name);
      return cluster && (cluster.config.altStatName ?? cluster.name);
    },
    isDraining: () => state.draining || state.healthCheckFailed,
    log: compileAccessLogs(config.accessLog, context.accessLogSinks, {
      runtime,
      ids,
      environment: env,
    }),
  };
}

function compileTracing(
  config: HttpConnectionManager,
  listener: Listener,
  context: ServerContext,
  requestId: ReturnType<typeof createUuidRequestId>,
): StreamTracing | undefined {
  const { tracing } = config;
  if (tracing === undefined) return undefined;
  const provider = tracing.provider ?? context.bootstrap.tracing?.http;
  return new StreamTracing({
    config: tracing,
    tracer: provider === undefined ? undefined : context.tracers.get(provider),
    direction: listener.trafficDirection ?? "UNSPECIFIED",
    requestId,
    runtime: context.runtime,
    ids: context.ids,
    stats: context.stats,
    statPrefix: config.statPrefix,
    env: context.env,
  });
}

/** What the codec needs to know. */
export function codecOptions(
  config: HttpConnectionManager,
  listener: Listener,
): ServerCodecOptions {
  const common = config.commonHttpProtocolOptions;
  const http1 = config.httpProtocolOptions;
  const idleTimeoutMs = common?.idleTimeoutMs ?? defaultIdleTimeoutMs;
  const serverName = config.serverName ?? "";
  return {
    codecType: config.codecType ?? "AUTO",
    maxRequestHeadersBytes: (config.maxRequestHeadersKb ?? 60) * kib,
    maxRequestHeadersCount: common?.maxHeadersCount ?? 100,
    acceptHttp10: http1?.acceptHttp10 ?? false,
    ...(http1?.defaultHostForHttp10 === undefined
      ? {}
      : { defaultHostForHttp10: http1.defaultHostForHttp10 }),
    allowAbsoluteUrl: http1?.allowAbsoluteUrl ?? true,
    validatesScheme: config.useRemoteAddress === true && (config.xffNumTrustedHops ?? 0) === 0,
    enableTrailers: http1?.enableTrailers ?? false,
    properCaseResponse: http1?.headerKeyFormat?.properCaseWords !== undefined,
    ...(serverName === "" ? {} : { serverName }),
    ...(idleTimeoutMs === 0 ? {} : { idleTimeoutMs }),
    drainTimeoutMs: config.drainTimeoutMs ?? 5000,
    delayedCloseTimeoutMs: config.delayedCloseTimeoutMs ?? 1000,
    ...(config.requestHeadersTimeoutMs === undefined || config.requestHeadersTimeoutMs === 0
      ? {}
      : { requestHeadersTimeoutMs: config.requestHeadersTimeoutMs }),
    writeBufferHighWatermarkBytes:
      listener.perConnectionBufferLimitBytes ?? defaultBufferLimitBytes,
    proxy100Continue: config.proxy100Continue,
    requestTimeoutMs: config.requestTimeoutMs ?? 0,
    streamIdleTimeoutMs: config.streamIdleTimeoutMs ?? defaultStreamIdleTimeoutMs,
    ...(config.http2ProtocolOptions === undefined
      ? {}
      : { http2: http2Limits(config.http2ProtocolOptions) }),
  };
}
