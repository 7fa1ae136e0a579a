/** Asks all endpoints of a cluster, again and again, whether they are well. */
import type { HealthCheck } from "../../config/health-check.ts";
import type { Counter, StatsStore } from "../../stats/stats-store.ts";
import type { Host } from "../host.ts";
import type { Random } from "../host-choosers.ts";
import { HostHealth } from "./host-health.ts";
import type { Probe, ProbeResult } from "./probe.ts";

export interface HealthCheckerOptions {
  readonly config: HealthCheck;
  readonly clusterStatName: string;
  readonly stats: StatsStore;
  readonly random: Random;
  /** The cluster has had a connection: checks come at their full rate. */
  readonly hadTraffic: () => boolean;
  readonly createProbe: (host: Host) => Probe;
  readonly onChange: (host: Host) => void;
  readonly log: (line: string) => void;
}

export class HealthChecker {
  readonly options: HealthCheckerOptions;
  readonly #checks = new Map<Host, HostCheck>();
  readonly #attempt: Counter;
  readonly #success: Counter;
  readonly #failure: Counter;
  readonly #networkFailure: Counter;
  #started = false;

  constructor(options: HealthCheckerOptions) {
    this.options = options;
    const { stats, clusterStatName } = options;
    const name = (suffix: string): string => `cluster.${clusterStatName}.health_check.${suffix}`;
    this.#attempt = stats.counter(name("attempt"));
    this.#success = stats.counter(name("success"));
    this.#failure = stats.counter(name("failure"));
    this.#networkFailure = stats.counter(name("network_failure"));
    stats.counter(name("passive_failure"));
    stats.counter(name("verify_cluster"));
    stats.gaugeFrom(name("healthy"), () => this.#count((host) => !host.activeHealth.failed));
    stats.gaugeFrom(name("degraded"), () => this.#count((host) => host.activeHealth.degraded));
  }

  /** From now on the endpoint is not healthy before a check says so. */
  add(host: Host): void {
    const check = new HostCheck(this, host);
    this.#checks.set(host, check);
    if (this.#started) void check.start();
  }

  remove(host: Host): void {
    this.#checks.get(host)?.close();
    this.#checks.delete(host);
  }

  /** Begins; resolves when every endpoint that is there has been asked once. */
  async start(): Promise<void> {
    this.#started = true;
    await Promise.all([...this.#checks.values()].map((check) => check.start()));
  }

  close(): void {
    for (const check of this.#checks.values()) check.close();
    this.#checks.clear();
  }

  noteAttempt(): void {
    this.#attempt.inc();
  }

  noteResult({ kind }: ProbeResult): void {
    if (kind === "healthy") {
      this.#success.inc();
      return;
    }
    this.#failure.inc();
    if (kind === "network failure") this.#networkFailure.inc();
  }

  #count(is: (host: Host) => boolean): number {
    return [...this.#checks.keys()].filter(is).length;
  }
}

/** The checks of one endpoint. */
class HostCheck {
  readonly #checker: HealthChecker;
  readonly #host: Host;
  readonly #state: HostHealth;
  readonly #probe: Probe;
  #timer: NodeJS.Timeout | undefined;
  #running: { cancel(): void } | undefined;
  #whenAsked: (() => void) | undefined;
  #closed = false;

  constructor(checker: HealthChecker, host: Host) {
    this.#checker = checker;
    this.#host = host;
    this.#state = new HostHealth(checker.options.config, host.activeHealth);
    this.#probe = checker.options.createProbe(host);
  }

  start(): Promise<void> {
    const { initialJitterMs = 0 } = this.#checker.options.config;
    return new Promise((resolve) => {
      this.#whenAsked = resolve;
      this.#wait(initialJitterMs > 0 ? this.#checker.options.random() % initialJitterMs : 0);
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#running?.cancel();
    this.#probe.close();
    this.#whenAsked?.();
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), ms);
    this.#timer.unref();
  }

  #ask(): void {
    this.#checker.noteAttempt();
    let answered = false;
    const done = (result: ProbeResult): void => {
      answered = true;
      this.#onResult(result);
    };
    // Armed first: an answer may be there before `start` returns.
    this.#timer = setTimeout(() => {
      this.#running?.cancel();
      this.#onResult({ kind: "network failure", timedOut: true });
    }, this.#checker.options.config.timeoutMs);
    const running = this.#probe.start(done);
    if (!answered) this.#running = running;
  }

  #onResult(result: ProbeResult): void {
    this.#running = undefined;
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const { onChange, hadTraffic, log } = this.#checker.options;
    this.#checker.noteResult(result);
    const transition = this.#state.note(result);
    if (transition === "changed") {
      const { failed } = this.#host.activeHealth;
      log(`[debug][hc] ${this.#host.name} is ${failed ? "unhealthy" : "healthy"}`);
      onChange(this.#host);
    }
    this.#wait(this.#withJitter(this.#state.nextIntervalMs(transition, hadTraffic())));
    this.#whenAsked?.();
    this.#whenAsked = undefined;
  }

  #withJitter(ms: number): number {
    const { random, config } = this.#checker.options;
    const { intervalJitterMs = 0, intervalJitterPercent = 0 } = config;
    let total = ms;
    if (intervalJitterPercent > 0) {
      const most = Math.floor((ms * intervalJitterPercent) / 100);
      if (most > 0) total += random() % most;
    }
    if (intervalJitterMs > 0) total += random() % Math.ceil(intervalJitterMs);
    return total;
  }
}
