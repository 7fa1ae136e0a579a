/** A filter chain whose filter is the TCP proxy. https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/tcp_proxy_filter */
import type { Socket } from "node:net";
import { compileAccessLogs } from "../access-log/access-logs.ts";
import type { TcpProxy as TcpProxyConfig } from "../config/tcp-proxy.ts";
import type { ConnectionInfo } from "../http/stream.ts";
import type { Deadlines } from "../listener/deadlines.ts";
import type { ListenerStats } from "../listener/listener-stats.ts";
import type { ServedChain, ServedConnection } from "../listener/served-chain.ts";
import type { ServerContext } from "../server-context.ts";
import type { ServerTls } from "../tls/server-tls.ts";
import { hashText } from "../upstream/hash.ts";
import { TcpProxyConnection, type TcpProxySettings } from "./tcp-proxy-connection.ts";
import { TcpProxyStats } from "./tcp-proxy-stats.ts";

const defaultIdleTimeoutMs = 3_600_000;

export interface TcpChainOptions {
  readonly name: string;
  readonly tls: ServerTls | undefined;
  readonly handshakeTimeoutMs: number;
  readonly settings: TcpProxySettings;
  readonly listenerStats: ListenerStats;
}

export class TcpChain implements ServedChain {
  readonly name: string;
  readonly tls: ServerTls | undefined;
  readonly handshakeTimeoutMs: number;
  readonly #settings: TcpProxySettings;
  readonly #listenerStats: ListenerStats;

  constructor(options: TcpChainOptions) {
    this.name = options.name;
    this.tls = options.tls;
    this.handshakeTimeoutMs = options.handshakeTimeoutMs;
    this.#settings = options.settings;
    this.#listenerStats = options.listenerStats;
  }

  onConnectionOpened(): void {
    this.#listenerStats.connections.inc();
    this.#listenerStats.activeConnections.inc();
  }

  onConnectionClosed(): void {
    this.#listenerStats.activeConnections.dec();
  }

  serve(
    socket: Socket,
    info: ConnectionInfo,
    first: Buffer | undefined,
    deadlines: Deadlines,
  ): ServedConnection {
    return new TcpProxyConnection(this.#settings, socket, info, first, deadlines);
  }
}

export function compileTcpProxy(config: TcpProxyConfig, context: ServerContext): TcpProxySettings {
  const { clusters, stats, runtime, ids, env, accessLogSinks } = context;
  const choose = compileClusterChoice(config, () => ids.uint32());
  const bySource = config.hashPolicy.length > 0;
  return {
    chooseCluster: () => clusters.get(choose()),
    hash: ({ remoteAddress }) => (bySource ? hashText(remoteAddress) : undefined),
    maxConnectAttempts: config.maxConnectAttempts ?? 1,
    idleTimeoutMs: config.idleTimeoutMs ?? defaultIdleTimeoutMs,
    maxDurationMs: config.maxDownstreamConnectionDurationMs ?? 0,
    stats: new TcpProxyStats(stats, config.statPrefix),
    log: compileAccessLogs(config.accessLog, accessLogSinks, { runtime, ids, environment: env }),
  };
}

/** Each cluster as often as its weight says. */
function compileClusterChoice(config: TcpProxyConfig, random: () => number): () => string {
  const { cluster, weightedClusters } = config;
  if (weightedClusters === undefined) return () => cluster ?? "";
  const { clusters } = weightedClusters;
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let left = random() % total;
    for (const { name, weight } of clusters) {
      if (left < weight) return name;
      left -= weight;
    }
    return clusters.at(-1)?.name ?? "";
  };
}
