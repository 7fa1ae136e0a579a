/** Answers health checks of the proxy itself. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/health_check_filter */
import type { HealthCheck as HealthCheckConfig } from "../config/filters/health-check.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { compileHeaderMatchers } from "../routing/header-matcher.ts";
import type { ClusterManager } from "../upstream/cluster-manager.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory, Verdict } from "./filter.ts";

export interface HealthCheckDependencies {
  readonly clusters: ClusterManager;
  readonly node: { readonly cluster: string };
  readonly healthCheckFailed: () => boolean;
}

/** The upstream's last answer in pass-through mode, kept for cache_time. */
interface CachedAnswer {
  status: number;
  untilMs: number;
}

const passThrough: HttpFilter = { decodeHeaders: () => "continue" };

export function createHealthCheck(
  name: string,
  config: HealthCheckConfig,
  dependencies: HealthCheckDependencies,
): HttpFilterFactory {
  const matches = compileHeaderMatchers(config.headers);
  const cached: CachedAnswer = { status: 0, untilMs: 0 };
  return {
    name,
    create(stream) {
      if (matches !== undefined && !matches(stream.headers)) return passThrough;
      stream.info.healthCheck = true;
      return new HealthCheckFilter(stream, config, dependencies, cached);
    },
  };
}

class HealthCheckFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #config: HealthCheckConfig;
  readonly #dependencies: HealthCheckDependencies;
  readonly #cached: CachedAnswer;
  #fromUpstream = false;
  /** The answer once the request is whole. */
  #status: number | undefined;

  constructor(
    stream: FilterStream,
    config: HealthCheckConfig,
    dependencies: HealthCheckDependencies,
    cached: CachedAnswer,
  ) {
    this.#stream = stream;
    this.#config = config;
    this.#dependencies = dependencies;
    this.#cached = cached;
  }

  decodeHeaders(_headers: HeaderMap, endStream: boolean): Verdict {
    const cached = this.#cached;
    if (!this.#config.passThroughMode || this.#dependencies.healthCheckFailed())
      this.#status = this.#isHealthy() ? 200 : 503;
    else if (this.#config.cacheTimeMs !== undefined && performance.now() < cached.untilMs)
      this.#status = cached.status;
    else {
      this.#fromUpstream = true;
      return "continue";
    }
    if (endStream) this.#answer(this.#status);
    return "stop";
  }

  decodeData(_chunk: Buffer, endStream: boolean): Verdict {
    if (this.#status === undefined) return "continue";
    if (endStream) this.#answer(this.#status);
    return "drop";
  }

  decodeTrailers(): Verdict {
    if (this.#status === undefined) return "continue";
    this.#answer(this.#status);
    return "stop";
  }

  encodeHeaders(headers: HeaderMap): void {
    if (this.#fromUpstream && this.#config.cacheTimeMs !== undefined) {
      this.#cached.status = Number(headers.get(":status"));
      this.#cached.untilMs = performance.now() + this.#config.cacheTimeMs;
    }
    headers.set("x-envoy-upstream-healthchecked-cluster", this.#dependencies.node.cluster);
  }

  #answer(status: number): void {
    if (this.#dependencies.healthCheckFailed()) this.#stream.info.flags.add("LH");
    this.#stream.sendLocalReply({
      status,
      body: "",
      details: status === 200 ? "health_check_ok" : "health_check_failed",
      changeHeaders: (headers) => {
        if (this.#dependencies.healthCheckFailed())
          headers.set("x-envoy-immediate-health-check-fail", "true");
      },
    });
  }

  #isHealthy(): boolean {
    if (this.#dependencies.healthCheckFailed()) return false;
    for (const [name, percent] of Object.entries(this.#config.clusterMinHealthyPercentages)) {
      const hosts = this.#dependencies.clusters.get(name)?.hosts ?? [];
      const healthy = hosts.filter((host) => host.isHealthy).length;
      if (percent > 0 && (hosts.length === 0 || (healthy / hosts.length) * 100 < percent))
        return false;
    }
    return true;
  }
}
