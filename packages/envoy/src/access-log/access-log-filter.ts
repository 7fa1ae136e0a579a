/** Which requests a log takes. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto#config-accesslog-v3-accesslogfilter */
import {
  type AccessLogFilter,
  type ComparisonFilter,
  grpcStatusNumbers,
  type RuntimeFilter,
} from "../config/access-log-filter.ts";
import { accessLogType } from "../formatter/access-log-type.ts";
import { grpcStatusOf } from "../formatter/grpc-status.ts";
import type { ResponseFlag, StreamInfo } from "../http/stream-info.ts";
import { compileHeaderMatcher } from "../routing/header-matcher.ts";
import type { RandomIds } from "../tracing/random-ids.ts";
import { featureEnabled, type RuntimeValues, runtimeInteger } from "../tracing/runtime-values.ts";
import { compileMetadataMatch } from "./metadata-match.ts";

export type AccessLogTest = (info: StreamInfo) => boolean;

export interface AccessLogFilterDependencies {
  readonly runtime: RuntimeValues;
  readonly ids: RandomIds;
}

export function compileAccessLogFilter(
  filter: AccessLogFilter,
  dependencies: AccessLogFilterDependencies,
): AccessLogTest {
  const { runtime } = dependencies;
  if (filter.statusCodeFilter !== undefined) {
    const compare = compileComparison(filter.statusCodeFilter.comparison, runtime);
    return (info) => compare(info.responseCode ?? 0);
  }
  if (filter.durationFilter !== undefined) {
    const compare = compileComparison(filter.durationFilter.comparison, runtime);
    return ({ startTimeMicros, endTimeMicros = startTimeMicros }) =>
      compare(Math.floor((endTimeMicros - startTimeMicros) / 1000));
  }
  if (filter.notHealthCheckFilter !== undefined) return (info) => !info.healthCheck;
  if (filter.traceableFilter !== undefined) return isForced;
  if (filter.runtimeFilter !== undefined) return compileShare(filter.runtimeFilter, dependencies);
  if (filter.andFilter !== undefined) {
    const tests = filter.andFilter.filters.map((one) => compileAccessLogFilter(one, dependencies));
    return (info) => tests.every((test) => test(info));
  }
  if (filter.orFilter !== undefined) {
    const tests = filter.orFilter.filters.map((one) => compileAccessLogFilter(one, dependencies));
    return (info) => tests.some((test) => test(info));
  }
  if (filter.headerFilter !== undefined) {
    const test = compileHeaderMatcher(filter.headerFilter.header);
    return (info) => test(info.requestHeaders);
  }
  if (filter.responseFlagFilter !== undefined) {
    const wanted = filter.responseFlagFilter.flags as readonly ResponseFlag[];
    if (wanted.length === 0) return (info) => info.flags.size > 0;
    return (info) => wanted.some((flag) => info.flags.has(flag));
  }
  if (filter.grpcStatusFilter !== undefined) {
    const { statuses, exclude } = filter.grpcStatusFilter;
    const wanted = new Set<number>(statuses.map((status) => grpcStatusNumbers[status]));
    return (info) => wanted.has(grpcStatusOf(info) ?? 2) !== exclude;
  }
  if (filter.logTypeFilter !== undefined) {
    const { types, exclude } = filter.logTypeFilter;
    const wanted = new Set<string>(types);
    return (info) => wanted.has(accessLogType(info)) !== exclude;
  }
  if (filter.metadataFilter?.matcher !== undefined) {
    const { matcher, matchIfKeyNotFound = true } = filter.metadataFilter;
    return compileMetadataMatch(matcher, matchIfKeyNotFound);
  }
  return () => true;
}

/** Envoy's traceable_filter takes requests that x-envoy-force-trace marked, not those sampled by chance: `a` in x-request-id. */
function isForced(info: StreamInfo): boolean {
  return info.requestHeaders.get("x-request-id")?.[14] === "a";
}

function compileComparison(
  { op = "EQ", value }: ComparisonFilter,
  runtime: RuntimeValues,
): (actual: number) => boolean {
  const { defaultValue = 0, runtimeKey } = value;
  return (actual) => {
    const limit = runtimeInteger(runtime, runtimeKey, defaultValue);
    if (op === "EQ") return actual === limit;
    if (op === "NE") return actual !== limit;
    return op === "GE" ? actual >= limit : actual <= limit;
  };
}

/** By the request id where it has a number, so that all hops log the same requests; else by chance. Without a share: none. */
function compileShare(
  filter: RuntimeFilter,
  { runtime, ids }: AccessLogFilterDependencies,
): AccessLogTest {
  const share = filter.percentSampled ?? { numerator: 0, denominator: "HUNDRED" };
  return (info) => {
    const id = filter.useIndependentRandomness
      ? undefined
      : info.requestHeaders.get("x-request-id")?.slice(0, 8);
    const draw =
      id !== undefined && /^[0-9a-fA-F]{8}$/.test(id) ? Number.parseInt(id, 16) : ids.uint32();
    return featureEnabled(runtime, filter.runtimeKey, share, draw);
  };
}
