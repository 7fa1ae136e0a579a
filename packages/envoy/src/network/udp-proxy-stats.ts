/** https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/udp_filters/udp_proxy#statistics */
import type { Counter, Gauge, StatsStore } from "../stats/stats-store.ts";

export class UdpProxyStats {
  readonly sessions: Counter;
  readonly activeSessions: Gauge;
  /** The cluster does not exist. */
  readonly noRoute: Counter;
  readonly idleTimeout: Counter;
  readonly #received: readonly [Counter, Counter];
  readonly #sent: readonly [Counter, Counter];
  readonly #sendErrors: Counter;

  constructor(store: StatsStore, prefix: string) {
    const counter = (name: string): Counter => store.counter(`udp.${prefix}.${name}`);
    this.sessions = counter("downstream_sess_total");
    this.activeSessions = store.gauge(`udp.${prefix}.downstream_sess_active`);
    this.noRoute = counter("downstream_sess_no_route");
    this.idleTimeout = counter("idle_timeout");
    const pair = (way: string): [Counter, Counter] => [
      counter(`downstream_sess_${way}_datagrams`),
      counter(`downstream_sess_${way}_bytes`),
    ];
    this.#received = pair("rx");
    this.#sent = pair("tx");
    this.#sendErrors = counter("downstream_sess_tx_errors");
  }

  received(bytes: number): void {
    this.#received[0].inc();
    this.#received[1].add(bytes);
  }

  sent(bytes: number, error: Error | null): void {
    if (error !== null) {
      this.#sendErrors.inc();
      return;
    }
    this.#sent[0].inc();
    this.#sent[1].add(bytes);
  }
}

/** Under the cluster's name. https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/udp_filters/udp_proxy#statistics */
export class UdpClusterStats {
  readonly receivedDatagrams: Counter;
  readonly sentDatagrams: Counter;
  readonly sendErrors: Counter;

  constructor(store: StatsStore, cluster: string) {
    const counter = (name: string): Counter => store.counter(`cluster.${cluster}.udp.${name}`);
    this.receivedDatagrams = counter("sess_rx_datagrams");
    this.sentDatagrams = counter("sess_tx_datagrams");
    this.sendErrors = counter("sess_tx_errors");
  }
}
