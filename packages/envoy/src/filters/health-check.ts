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

interface Answer {
  readonly status: number;
  readonly details: string;
}

const healthy: Answer = { status: 200, details: "health_check_ok" };
const failed: Answer = { status: 503, details: "health_check_failed" };

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
      if (matches !== undefined && !matches(stream.headers))
        return new OtherRequest(dependencies.healthCheckFailed);
      stream.info.healthCheck = true;
      return new HealthCheckFilter(stream, config, dependencies, cached);
    },
  };
}

/** While the proxy is to be taken out of service every response says so. */
class OtherRequest implements HttpFilter {
  readonly #failed: () => boolean;

  constructor(healthCheckFailed: () => boolean) {
    this.#failed = healthCheckFailed;
  }

  decodeHeaders(): Verdict {
    return "continue";
  }

  encodeHeaders(headers: HeaderMap): void {
    if (this.#failed()) headers.set("x-envoy-immediate-health-check-fail", "true");
  }
}

class HealthCheckFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #config: HealthCheckConfig;
  readonly #dependencies: HealthCheckDependencies;
  readonly #cached: CachedAnswer;
  /** Undefined: the upstream is asked. */
  #answer: Answer | undefined;
  #seen = false;

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

  /** Answers once the request is whole. */
  decodeHeaders(_headers: HeaderMap, endStream: boolean): Verdict {
    this.#seen = true;
    this.#answer = this.#decide();
    if (this.#answer === undefined) return "continue";
    if (endStream) this.#send(this.#answer);
    return "stop";
  }

  decodeData(_chunk: Buffer, endStream: boolean): Verdict {
    if (this.#answer === undefined) return "continue";
    if (endStream) this.#send(this.#answer);
    return "drop";
  }

  decodeTrailers(): Verdict {
    if (this.#answer === undefined) return "continue";
    this.#send(this.#answer);
    return "stop";
  }

  encodeHeaders(headers: HeaderMap): void {
    // Answered by a filter before this one.
    if (!this.#seen) {
      this.#stream.info.healthCheck = false;
      return;
    }
    if (this.#answer === undefined && this.#config.cacheTimeMs !== undefined) {
      this.#cached.status = Number(headers.get(":status"));
      this.#cached.untilMs = performance.now() + this.#config.cacheTimeMs;
    }
    headers.set("x-envoy-upstream-healthchecked-cluster", this.#dependencies.node.cluster);
    if (this.#answer === failed) headers.set("x-envoy-immediate-health-check-fail", "true");
  }

  #decide(): Answer | undefined {
    if (this.#dependencies.healthCheckFailed()) return failed;
    if (!this.#config.passThroughMode) return this.#clustersAnswer();
    const { status, untilMs } = this.#cached;
    if (this.#config.cacheTimeMs === undefined || performance.now() >= untilMs) return undefined;
    return { status, details: "health_check_cached" };
  }

  #send({ status, details }: Answer): void {
    if (Math.floor(status / 100) !== 2) this.#stream.info.flags.add("LH");
    this.#stream.sendLocalReply({ status, body: "", details });
  }

  /** Every cluster of the list has to be there, with enough of its endpoints healthy. */
  #clustersAnswer(): Answer {
    let answer = healthy;
    for (const [name, percent] of Object.entries(this.#config.clusterMinHealthyPercentages)) {
      const hosts = this.#dependencies.clusters.get(name)?.hosts;
      if (hosts === undefined)
        return { status: 503, details: "health_check_failed_no_cluster_found" };
      const least = Math.floor(percent);
      if (hosts.length === 0 && least > 0)
        return { status: 503, details: "health_check_failed_cluster_empty" };
      const numHealthy = hosts.filter((host) => host.isHealthy).length;
      if (100 * numHealthy < hosts.length * least)
        return { status: 503, details: "health_check_failed_cluster_unhealthy" };
      answer = { status: 200, details: "health_check_ok_cluster_healthy" };
    }
    return answer;
  }
}
