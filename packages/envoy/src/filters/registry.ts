/** The http filters of a connection manager, in the file's order; each is one file in this folder. */
import type { HttpFilter as HttpFilterConfig } from "../config/http-filter.ts";
import type { CompileFormat } from "../routing/header-rules.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { StatsStore } from "../stats/stats-store.ts";
import type { TimeLimits } from "../time/time-limits.ts";
import type { ClusterManager } from "../upstream/cluster-manager.ts";
import { createBuffer } from "./buffer.ts";
import { createCompressor } from "./compressor.ts";
import { createCors } from "./cors.ts";
import { createCsrf } from "./csrf.ts";
import { createExtAuthz } from "./ext-authz/compile-ext-authz.ts";
import { createFault } from "./fault.ts";
import type { HttpFilterFactory } from "./filter.ts";
import { createGrpcHttp1Bridge } from "./grpc-http1-bridge.ts";
import { createHealthCheck } from "./health-check.ts";
import { createLocalRateLimit } from "./local-ratelimit.ts";
import { createRouter } from "./router.ts";
import { switchable } from "./switchable.ts";

export interface FilterDependencies {
  readonly clusters: ClusterManager;
  readonly runtime: Runtime;
  readonly stats: StatsStore;
  readonly statPrefix: string;
  readonly node: { readonly id: string; readonly cluster: string };
  /** POST /healthcheck/fail was called. */
  readonly healthCheckFailed: () => boolean;
  readonly random: () => number;
  readonly machineAddress: string;
  readonly timeLimits: TimeLimits;
  readonly nodeMetadata: Readonly<Record<string, unknown>>;
  readonly compileFormat: CompileFormat;
}

/** Of requests that filters make themselves. */
const asyncTimeouts = { respectExpected: false, suppressHeaders: false } as const;

export function createFilters(
  configs: readonly HttpFilterConfig[],
  dependencies: FilterDependencies,
): readonly HttpFilterFactory[] {
  return configs.map((config) => switchable(config, create(config, dependencies)));
}

function create(filter: HttpFilterConfig, dependencies: FilterDependencies): HttpFilterFactory {
  const { name, config } = filter;
  switch (config.type) {
    case "HTTPFault":
      return createFault(name, config, dependencies);
    case "HealthCheck":
      return createHealthCheck(name, config, dependencies);
    case "Buffer":
      return createBuffer(name, config);
    case "Compressor":
      return createCompressor(name, config, dependencies);
    case "Cors":
      return createCors(name, dependencies);
    case "CsrfPolicy":
      return createCsrf(name, config, dependencies);
    case "LocalRateLimit":
      return createLocalRateLimit(name, config, dependencies);
    case "ExtAuthz":
      return createExtAuthz(name, config, {
        ...dependencies,
        forwarding: { ...dependencies, startChildSpan: false, timeouts: asyncTimeouts },
      });
    case "GrpcHttp1Bridge":
      return createGrpcHttp1Bridge(name, config);
    case "Router":
      return createRouter(name, { ...dependencies, config });
  }
}
