/** Delays and aborts on purpose. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter */
import type { HttpFault } from "../config/filters/fault.ts";
import type { FractionalPercent } from "../config/percent.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { compileHeaderMatchers, type HeadersTest } from "../routing/header-matcher.ts";
import { denominators, isInside, type Runtime } from "../runtime/runtime.ts";
import type { StatsStore } from "../stats/stats-store.ts";
import { FaultStats } from "./fault-stats.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory, Verdict } from "./filter.ts";
import { routeConfig } from "./switchable.ts";

export interface FaultDependencies {
  readonly runtime: Runtime;
  readonly stats: StatsStore;
  readonly statPrefix: string;
  readonly random: () => number;
}

interface CompiledFault {
  readonly config: HttpFault;
  readonly headers: HeadersTest | undefined;
}

const never: FractionalPercent = { numerator: 0, denominator: "HUNDRED" };
const statusRange = { lowest: 200, highest: 599 } as const;

export function createFault(
  name: string,
  config: HttpFault,
  dependencies: FaultDependencies,
): HttpFilterFactory {
  const prefix = `http.${dependencies.statPrefix}.fault.`;
  const stats = new FaultStats(dependencies.stats, prefix);
  const compiled = new WeakMap<HttpFault, CompiledFault>();
  const compile = (fault: HttpFault): CompiledFault => {
    let result = compiled.get(fault);
    if (result === undefined) {
      result = { config: fault, headers: compileHeaderMatchers(fault.headers) };
      compiled.set(fault, result);
    }
    return result;
  };
  return {
    name,
    create(stream) {
      const own = routeConfig(stream, name);
      const fault = own?.type === "HTTPFault" ? own : config;
      return new FaultFilter(stream, compile(fault), dependencies, stats);
    },
  };
}

class FaultFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #fault: CompiledFault;
  readonly #runtime: Runtime;
  readonly #random: () => number;
  readonly #stats: FaultStats;
  #timer: NodeJS.Timeout | undefined;
  #active = false;

  constructor(
    stream: FilterStream,
    fault: CompiledFault,
    { runtime, random }: FaultDependencies,
    stats: FaultStats,
  ) {
    this.#stream = stream;
    this.#fault = fault;
    this.#runtime = runtime;
    this.#random = random;
    this.#stats = stats;
  }

  decodeHeaders(headers: HeaderMap): Verdict {
    if (!this.#applies(headers)) return "continue";
    const delayMs = this.#delayMs(headers);
    if (delayMs !== undefined) {
      if (!this.#begin()) return "continue";
      this.#stats.countFor(this.#downstreamCluster(headers), "delays");
      this.#stream.info.flags.add("DI");
      this.#timer = setTimeout(() => this.#afterDelay(headers), delayMs);
      return "stop";
    }
    return this.#abort(headers) ? "stop" : "continue";
  }

  onDestroy(): void {
    clearTimeout(this.#timer);
    if (!this.#active) return;
    this.#active = false;
    this.#stats.active.dec();
  }

  #afterDelay(headers: HeaderMap): void {
    if (!this.#abort(headers)) this.#stream.continueDecoding();
  }

  #applies(headers: HeaderMap): boolean {
    const { upstreamCluster, downstreamNodes } = this.#fault.config;
    if (upstreamCluster !== undefined && upstreamCluster !== "") {
      const { route } = this.#stream;
      const action = route.kind === "route" ? route.entry.action : undefined;
      if (action?.kind !== "forward" || action.cluster !== upstreamCluster) return false;
    }
    if (this.#fault.headers !== undefined && !this.#fault.headers(headers)) return false;
    if (downstreamNodes.length === 0) return true;
    const node = headers.get("x-envoy-downstream-service-node");
    return node !== undefined && downstreamNodes.includes(node);
  }

  #downstreamCluster(headers: HeaderMap): string | undefined {
    if (this.#fault.config.disableDownstreamClusterStats) return undefined;
    return headers.get("x-envoy-downstream-service-cluster");
  }

  /** False: too many faults at once. */
  #begin(): boolean {
    if (this.#active) return true;
    const { maxActiveFaults, maxActiveFaultsRuntime } = this.#fault.config;
    const key = maxActiveFaultsRuntime ?? "fault.http.max_active_faults";
    const limit = this.#runtime.getNumber(key) ?? maxActiveFaults;
    if (limit !== undefined && this.#stats.active.value >= limit) {
      this.#stats.overflow.inc();
      return false;
    }
    this.#active = true;
    this.#stats.active.inc();
    return true;
  }

  #delayMs(headers: HeaderMap): number | undefined {
    const { delay, delayPercentRuntime, delayDurationRuntime } = this.#fault.config;
    if (delay === undefined) return undefined;
    const configured = delay.percentage ?? never;
    let duration = delay.fixedDelayMs;
    let percent = configured;
    if (delay.headerDelay !== undefined) {
      duration = readNumber(headers.get("x-envoy-fault-delay-request"));
      percent = headerShare(headers.get("x-envoy-fault-delay-request-percentage"), configured);
    }
    if (duration === undefined) return undefined;
    if (!this.#draws(delayPercentRuntime ?? "fault.http.delay.fixed_delay_percent", percent))
      return undefined;
    const key = delayDurationRuntime ?? "fault.http.delay.fixed_duration_ms";
    duration = this.#runtime.getNumber(key) ?? duration;
    return duration === 0 ? undefined : duration;
  }

  #abort(headers: HeaderMap): boolean {
    const { abort, abortPercentRuntime } = this.#fault.config;
    if (abort === undefined) return false;
    const configured = abort.percentage ?? never;
    const byHeader = abort.headerAbort !== undefined;
    const percent = byHeader
      ? headerShare(headers.get("x-envoy-fault-abort-request-percentage"), configured)
      : configured;
    const status = this.#abortStatus(headers);
    const grpcStatus = this.#abortGrpcStatus(headers);
    if (status === undefined && grpcStatus === undefined) return false;
    if (!this.#draws(abortPercentRuntime ?? "fault.http.abort.abort_percent", percent))
      return false;
    if (!this.#begin()) return false;
    this.#stats.countFor(this.#downstreamCluster(headers), "aborts");
    this.#stream.info.flags.add("FI");
    this.#stream.sendLocalReply({
      status: status ?? 200,
      body: "fault filter abort",
      details: "fault_filter_abort",
      ...(grpcStatus === undefined ? {} : { grpcStatus }),
    });
    return true;
  }

  #abortStatus(headers: HeaderMap): number | undefined {
    const { abort, abortHttpStatusRuntime } = this.#fault.config;
    const status =
      abort?.headerAbort === undefined
        ? abort?.httpStatus
        : readNumber(headers.get("x-envoy-fault-abort-request"));
    if (status === undefined) return undefined;
    const key = abortHttpStatusRuntime ?? "fault.http.abort.http_status";
    const effective = this.#runtime.getNumber(key) ?? status;
    return effective >= statusRange.lowest && effective <= statusRange.highest
      ? effective
      : undefined;
  }

  #abortGrpcStatus(headers: HeaderMap): number | undefined {
    const { abort, abortGrpcStatusRuntime } = this.#fault.config;
    const status =
      abort?.headerAbort === undefined
        ? abort?.grpcStatus
        : readNumber(headers.get("x-envoy-fault-abort-grpc-request"));
    if (status === undefined) return undefined;
    return (
      this.#runtime.getNumber(abortGrpcStatusRuntime ?? "fault.http.abort.grpc_status") ?? status
    );
  }

  #draws(key: string, configured: FractionalPercent): boolean {
    return isInside(this.#runtime.getFraction(key, configured), this.#random());
  }
}

function readNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** A client may lower the share, not raise it. */
function headerShare(value: string | undefined, configured: FractionalPercent): FractionalPercent {
  const asked = readNumber(value);
  if (asked === undefined) return configured;
  const numerator = Math.min(asked, configured.numerator);
  return {
    numerator: Math.min(numerator, denominators[configured.denominator]),
    denominator: configured.denominator,
  };
}
