/** Counters of a connection manager, under its prefix and under the listener's. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/stats */
import type { Protocol } from "../http/stream.ts";
import type { Counter, Gauge, StatsStore } from "../stats/stats-store.ts";

const classes = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

export class ManagerStats {
  readonly idleTimeout: Counter;
  readonly requestTimeout: Counter;
  readonly maxDurationReached: Counter;
  readonly remoteReset: Counter;
  readonly localReset: Counter;
  readonly upgradeRefused: Counter;
  readonly #failedPathNormalization: Counter;
  readonly #redirectedWithNormalizedPath: Counter;
  readonly #tooLarge: Counter;
  readonly #responseTooLarge: Counter;
  readonly #nonRelativePath: Counter;
  readonly #total: Counter;
  readonly #http1: Counter;
  readonly #http2: Counter;
  readonly #active: Gauge;
  readonly #completed: readonly Counter[];
  /** By class, 1xx first; each in both scopes. */
  readonly #byClass: readonly (readonly Counter[])[];
  readonly #connections: Counter;
  readonly #activeConnections: readonly Gauge[];
  readonly #listenerConnections: Counter;

  constructor(store: StatsStore, prefix: string, listener: string) {
    const http = `http.${prefix}.`;
    const scopes = [http, `listener.${listener}.http.${prefix}.`];
    const counter = (name: string): Counter => store.counter(http + name);
    this.idleTimeout = counter("downstream_rq_idle_timeout");
    this.requestTimeout = counter("downstream_rq_timeout");
    this.maxDurationReached = counter("downstream_rq_max_duration_reached");
    this.remoteReset = counter("downstream_rq_rx_reset");
    this.localReset = counter("downstream_rq_tx_reset");
    this.#failedPathNormalization = counter("downstream_rq_failed_path_normalization");
    this.#redirectedWithNormalizedPath = counter("downstream_rq_redirected_with_normalized_path");
    this.upgradeRefused = counter("downstream_rq_ws_on_non_ws_route");
    this.#tooLarge = counter("downstream_rq_too_large");
    this.#responseTooLarge = counter("rs_too_large");
    this.#nonRelativePath = counter("downstream_rq_non_relative_path");
    this.#total = counter("downstream_rq_total");
    this.#http1 = counter("downstream_rq_http1_total");
    this.#http2 = counter("downstream_rq_http2_total");
    this.#active = store.gauge(`${http}downstream_rq_active`);
    this.#completed = scopes.map((scope) => store.counter(`${scope}downstream_rq_completed`));
    this.#byClass = classes.map((name) =>
      scopes.map((scope) => store.counter(`${scope}downstream_rq_${name}`)),
    );
    this.#connections = counter("downstream_cx_total");
    this.#listenerConnections = store.counter(`listener.${listener}.downstream_cx_total`);
    this.#activeConnections = [
      store.gauge(`${http}downstream_cx_active`),
      store.gauge(`listener.${listener}.downstream_cx_active`),
    ];
  }

  requestStarted(protocol: Protocol): void {
    this.#total.value++;
    this.#active.value++;
    if (protocol === "HTTP/2") this.#http2.value++;
    else this.#http1.value++;
  }

  requestEnded(): void {
    this.#active.value--;
  }

  countStatus(status: number): void {
    for (const counter of this.#completed) counter.value++;
    for (const counter of this.#byClass[Math.floor(status / 100) - 1] ?? []) counter.value++;
  }

  /** By what the answer says of the request. */
  countDetails(details: string): void {
    if (details === "request_payload_too_large") this.#tooLarge.value++;
    else if (details === "response_payload_too_large") this.#responseTooLarge.value++;
  }

  /** A request that is wrong in itself. */
  requestRefused({ status, details }: { readonly status: number; readonly details: string }): void {
    if (details === "absolute_path_rejected") this.#nonRelativePath.value++;
    else if (details === "path_normalization_failed") {
      if (status === 307) this.#redirectedWithNormalizedPath.value++;
      else this.#failedPathNormalization.value++;
    }
  }

  /** A head the codec answered by itself. */
  refused(status: number): void {
    this.#total.value++;
    this.#http1.value++;
    // What is left of such a request is not read.
    this.remoteReset.value++;
    this.countStatus(status);
  }

  connectionOpened(): void {
    this.#connections.value++;
    this.#listenerConnections.value++;
    for (const gauge of this.#activeConnections) gauge.value++;
  }

  connectionClosed(): void {
    for (const gauge of this.#activeConnections) gauge.value--;
  }
}
