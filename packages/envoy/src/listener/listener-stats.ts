/** https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/stats */
import type { Counter, Gauge, StatsStore } from "../stats/stats-store.ts";

export class ListenerStats {
  readonly noFilterChainMatch: Counter;
  readonly preConnectionTimeout: Counter;
  readonly handshakeTimeout: Counter;
  readonly connections: Counter;
  readonly activeConnections: Gauge;

  /** `listener` is its address, or its stat_prefix. */
  constructor(store: StatsStore, listener: string) {
    const prefix = `listener.${listener}.`;
    this.noFilterChainMatch = store.counter(`${prefix}no_filter_chain_match`);
    this.preConnectionTimeout = store.counter(`${prefix}downstream_pre_cx_timeout`);
    this.handshakeTimeout = store.counter(
      `${prefix}downstream_cx_transport_socket_connect_timeout`,
    );
    this.connections = store.counter(`${prefix}downstream_cx_total`);
    this.activeConnections = store.gauge(`${prefix}downstream_cx_active`);
  }
}
