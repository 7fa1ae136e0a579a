/** https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/tcp_proxy_filter#statistics */
import type { Counter, StatsStore } from "../stats/stats-store.ts";

export class TcpProxyStats {
  readonly connections: Counter;
  /** The cluster does not exist. */
  readonly noRoute: Counter;
  readonly receivedBytes: Counter;
  readonly sentBytes: Counter;
  readonly idleTimeout: Counter;
  readonly maxConnectionDuration: Counter;
  readonly pausedReading: Counter;
  readonly resumedReading: Counter;

  constructor(store: StatsStore, prefix: string) {
    const counter = (name: string): Counter => store.counter(`tcp.${prefix}.${name}`);
    this.connections = counter("downstream_cx_total");
    this.noRoute = counter("downstream_cx_no_route");
    this.receivedBytes = counter("downstream_cx_rx_bytes_total");
    this.sentBytes = counter("downstream_cx_tx_bytes_total");
    this.idleTimeout = counter("idle_timeout");
    this.maxConnectionDuration = counter("max_downstream_connection_duration");
    this.pausedReading = counter("downstream_flow_control_paused_reading_total");
    this.resumedReading = counter("downstream_flow_control_resumed_reading_total");
  }
}
