/** A cluster's counters. https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats */
import { ClientNames } from "../stats/client-names.ts";
import type { Counter, Gauge, StatsStore } from "../stats/stats-store.ts";

export class ClusterStats {
  readonly #store: StatsStore;
  readonly #prefix: string;
  readonly #names = new ClientNames();
  readonly #codes = new Map<number, readonly Counter[]>();
  readonly rqTotal: Counter;
  readonly rqCompleted: Counter;
  readonly rqTimeout: Counter;
  readonly rqPerTryTimeout: Counter;
  readonly rqRxReset: Counter;
  readonly rqTxReset: Counter;
  readonly rqRetry: Counter;
  readonly rqRetryBackOff: Counter;
  readonly rqRetrySuccess: Counter;
  readonly rqRetryOverflow: Counter;
  readonly rqRetryLimitExceeded: Counter;
  readonly retryAbandoned: Counter;
  readonly rqPendingTotal: Counter;
  readonly rqPendingOverflow: Counter;
  readonly rqPendingFailureEject: Counter;
  readonly rqCancelled: Counter;
  readonly cxNoneHealthy: Counter;
  readonly cxConnectFail: Counter;
  readonly cxConnectTimeout: Counter;
  readonly cxConnectAttemptsExceeded: Counter;
  readonly cxOverflow: Counter;
  readonly cxTotal: Counter;
  readonly cxHttp1Total: Counter;
  readonly cxHttp2Total: Counter;
  readonly cxMaxRequests: Counter;
  readonly cxIdleTimeout: Counter;
  readonly cxCloseNotify: Counter;
  readonly cxDestroy: Counter;
  readonly cxDestroyLocal: Counter;
  readonly cxDestroyRemote: Counter;
  readonly cxDestroyWithActiveRq: Counter;
  readonly cxDestroyLocalWithActiveRq: Counter;
  readonly cxDestroyRemoteWithActiveRq: Counter;
  readonly cxActive: Gauge;
  readonly rqActiveOverflow: Counter;
  readonly rqActive: Gauge;
  readonly rqPendingActive: Gauge;
  readonly membershipTotal: Gauge;
  readonly membershipHealthy: Gauge;
  readonly membershipDegraded: Gauge;
  readonly membershipExcluded: Gauge;
  readonly lbHealthyPanic: Counter;
  readonly updateAttempt: Counter;
  readonly updateSuccess: Counter;
  readonly updateFailure: Counter;

  constructor(store: StatsStore, name: string) {
    this.#store = store;
    this.#prefix = `cluster.${name}.`;
    const counter = (suffix: string): Counter => store.counter(this.#prefix + suffix);
    const gauge = (suffix: string): Gauge => store.gauge(this.#prefix + suffix);
    this.rqTotal = counter("upstream_rq_total");
    this.rqCompleted = counter("upstream_rq_completed");
    this.rqTimeout = counter("upstream_rq_timeout");
    this.rqPerTryTimeout = counter("upstream_rq_per_try_timeout");
    this.rqRxReset = counter("upstream_rq_rx_reset");
    this.rqTxReset = counter("upstream_rq_tx_reset");
    this.rqRetry = counter("upstream_rq_retry");
    this.rqRetryBackOff = counter("upstream_rq_retry_backoff_exponential");
    this.rqRetrySuccess = counter("upstream_rq_retry_success");
    this.rqRetryOverflow = counter("upstream_rq_retry_overflow");
    this.rqRetryLimitExceeded = counter("upstream_rq_retry_limit_exceeded");
    this.retryAbandoned = counter("retry_or_shadow_abandoned");
    this.rqPendingTotal = counter("upstream_rq_pending_total");
    this.rqPendingOverflow = counter("upstream_rq_pending_overflow");
    this.rqPendingFailureEject = counter("upstream_rq_pending_failure_eject");
    this.rqCancelled = counter("upstream_rq_cancelled");
    this.cxNoneHealthy = counter("upstream_cx_none_healthy");
    this.cxConnectFail = counter("upstream_cx_connect_fail");
    this.cxConnectTimeout = counter("upstream_cx_connect_timeout");
    this.cxConnectAttemptsExceeded = counter("upstream_cx_connect_attempts_exceeded");
    this.cxOverflow = counter("upstream_cx_overflow");
    this.cxTotal = counter("upstream_cx_total");
    this.cxHttp1Total = counter("upstream_cx_http1_total");
    this.cxHttp2Total = counter("upstream_cx_http2_total");
    this.cxMaxRequests = counter("upstream_cx_max_requests");
    this.cxIdleTimeout = counter("upstream_cx_idle_timeout");
    this.cxCloseNotify = counter("upstream_cx_close_notify");
    this.cxDestroy = counter("upstream_cx_destroy");
    this.cxDestroyLocal = counter("upstream_cx_destroy_local");
    this.cxDestroyRemote = counter("upstream_cx_destroy_remote");
    this.cxDestroyWithActiveRq = counter("upstream_cx_destroy_with_active_rq");
    this.cxDestroyLocalWithActiveRq = counter("upstream_cx_destroy_local_with_active_rq");
    this.cxDestroyRemoteWithActiveRq = counter("upstream_cx_destroy_remote_with_active_rq");
    this.cxActive = gauge("upstream_cx_active");
    this.rqActiveOverflow = counter("upstream_rq_active_overflow");
    this.rqActive = gauge("upstream_rq_active");
    this.rqPendingActive = gauge("upstream_rq_pending_active");
    this.membershipTotal = gauge("membership_total");
    this.membershipHealthy = gauge("membership_healthy");
    this.membershipDegraded = gauge("membership_degraded");
    this.membershipExcluded = gauge("membership_excluded");
    this.lbHealthyPanic = counter("lb_healthy_panic");
    this.updateAttempt = counter("update_attempt");
    this.updateSuccess = counter("update_success");
    this.updateFailure = counter("update_failure");
  }

  /** `upstream_rq_503`, `_5xx`, and the same under `internal.` or `external.`; they exist once counted. */
  countStatus(status: number, internal: boolean): void {
    const key = internal ? -status : status;
    let counters = this.#codes.get(key);
    if (counters === undefined) {
      const scope = internal ? "internal." : "external.";
      const each = (suffix: string): Counter[] =>
        ["", scope].map((part) =>
          this.#store.counter(`${this.#prefix}${part}upstream_rq_${suffix}`),
        );
      counters = [
        this.rqCompleted,
        this.#store.counter(`${this.#prefix}${scope}upstream_rq_completed`),
        ...each(`${Math.floor(status / 100)}xx`),
        ...each(String(status)),
      ];
      this.#codes.set(key, counters);
    }
    for (const counter of counters) counter.value++;
  }

  /** An answer that is tried again. */
  countRetried(status: number): void {
    this.#countUnder("retry.", status);
  }

  /** The same once more under a name that the request brought. */
  countStatusAs(name: string, status: number, internal: boolean): void {
    if (!this.#names.admits(name)) return;
    this.#countUnder(`${name}.`, status);
    this.#countUnder(`${name}.${internal ? "internal" : "external"}.`, status);
  }

  #countUnder(scope: string, status: number): void {
    for (const suffix of ["completed", `${Math.floor(status / 100)}xx`, String(status)])
      this.#store.counter(`${this.#prefix}${scope}upstream_rq_${suffix}`).inc();
  }
}
