/** What the checks of one endpoint come to. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking */
import type { HealthCheck } from "../../config/health-check.ts";
import type { ActiveHealth } from "../host.ts";
import type { ProbeResult } from "./probe.ts";

/** "pending": on the way to the other state. */
export type Transition = "unchanged" | "pending" | "changed";

/** Without any traffic there is no hurry: Envoy's default, milliseconds. */
const defaultNoTrafficIntervalMs = 60_000;

export class HostHealth {
  readonly #config: HealthCheck;
  readonly #health: ActiveHealth;
  #isFirst = true;
  #successes = 0;
  #failures = 0;

  /** An endpoint is not healthy before it has passed a check. */
  constructor(config: HealthCheck, health: ActiveHealth) {
    this.#config = config;
    this.#health = health;
    health.failed = true;
  }

  /** The first answer counts at once, later ones when there are as many in a row as the thresholds say. */
  note(result: ProbeResult): Transition {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return result.kind === "healthy"
      ? this.#succeeded(isFirst, result.degraded)
      : this.#failed(result);
  }

  /** Milliseconds to the next check, before any jitter. */
  nextIntervalMs(transition: Transition, hadTraffic: boolean): number {
    const config = this.#config;
    const healthy = !this.#health.failed;
    if (!hadTraffic) {
      const idle = config.noTrafficIntervalMs ?? defaultNoTrafficIntervalMs;
      return healthy ? (config.noTrafficHealthyIntervalMs ?? idle) : idle;
    }
    const settledUnhealthy = config.unhealthyIntervalMs ?? config.intervalMs;
    if (transition === "unchanged") return healthy ? config.intervalMs : settledUnhealthy;
    return healthy
      ? (config.healthyEdgeIntervalMs ?? config.intervalMs)
      : (config.unhealthyEdgeIntervalMs ?? settledUnhealthy);
  }

  #succeeded(isFirst: boolean, degraded: boolean): Transition {
    const health = this.#health;
    this.#failures = 0;
    let transition: Transition = "unchanged";
    if (health.failed) {
      this.#successes++;
      if (isFirst || this.#successes >= this.#config.healthyThreshold) {
        health.failed = false;
        health.timedOut = false;
        transition = "changed";
      } else transition = "pending";
    }
    if (health.degraded !== degraded) {
      health.degraded = degraded;
      transition = "changed";
    }
    return transition;
  }

  #failed(result: Exclude<ProbeResult, { kind: "healthy" }>): Transition {
    const health = this.#health;
    this.#successes = 0;
    const timedOut = result.kind === "network failure" && result.timedOut;
    if (health.failed) {
      health.timedOut = timedOut;
      return "unchanged";
    }
    const isFinal = result.kind === "unhealthy" && !result.retriable;
    this.#failures++;
    if (!isFinal && this.#failures < this.#config.unhealthyThreshold) return "pending";
    health.failed = true;
    health.timedOut = timedOut;
    return "changed";
  }
}
