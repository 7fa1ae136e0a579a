/** From a listener's configuration to what it does with its connections. */
import { compileAccessLogs } from "../access-log/access-logs.ts";
import type { FilterChain } from "../config/filter-chain.ts";
import type { Listener } from "../config/listener.ts";
import { codecOptions, compileSettings } from "../connection-manager/compile-settings.ts";
import { ConnectionManager } from "../connection-manager/connection-manager.ts";
import { ConnectionStreamInfo } from "../network/connection-stream-info.ts";
import { compileTcpProxy, TcpChain } from "../network/tcp-proxy.ts";
import type { ServerContext } from "../server-context.ts";
import { nowMicros } from "../time/clock.ts";
import { ServerTls } from "../tls/server-tls.ts";
import { TlsStats } from "../tls/tls-stats.ts";
import { ClosedChain } from "./closed-chain.ts";
import { compileFilterChains } from "./filter-chain-table.ts";
import { HttpChain } from "./http-chain.ts";
import { ListenerStats } from "./listener-stats.ts";
import type { ClosedConnection, ListenerEvents, ListenerPlan } from "./network-listener.ts";
import type { ServedChain } from "./served-chain.ts";

const defaultFiltersTimeoutMs = 15_000;

/** The connection managers of a listener by filter chain: they outlive a change of the file, with the connections they have. */
export type Managers = Map<string, ConnectionManager>;

export interface CompiledListener {
  readonly plan: ListenerPlan;
  readonly managers: Managers;
}

/** `statName` is the listener's in statistics; `before` are the managers of the file before this one. */
export function compileListener(
  config: Listener,
  statName: string,
  context: ServerContext,
  before: Managers = new Map(),
): CompiledListener {
  const managers: Managers = new Map();
  const stats = new ListenerStats(context.stats, statName);
  const serve = (chain: FilterChain, key: string): ServedChain =>
    createChain(chain, { config, statName, context, stats, manager: manage(key) });
  const manage = (key: string) => (create: () => ConnectionManager) => {
    const manager = before.get(key) ?? create();
    managers.set(key, manager);
    return manager;
  };
  const { filterChains, defaultFilterChain } = config;
  const chains = filterChains.map((chain, index) => ({
    match: chain.filterChainMatch,
    chain: serve(chain, chain.name ?? `chain ${index}`),
  }));
  const otherwise = defaultFilterChain && serve(defaultFilterChain, "default chain");
  const filters = config.listenerFilters
    .map((filter) => filter.config)
    .filter((filter) => filter.type !== "UdpProxyConfig");
  const plan: ListenerPlan = {
    name: config.name ?? "",
    find: compileFilterChains(chains, otherwise),
    inspect:
      filters.length === 0
        ? undefined
        : {
            filters,
            timeoutMs: config.listenerFiltersTimeoutMs ?? defaultFiltersTimeoutMs,
            continueOnTimeout: config.continueOnListenerFiltersTimeout,
          },
    events: createEvents(config, stats, context),
  };
  return { plan, managers };
}

interface ChainContext {
  readonly config: Listener;
  readonly statName: string;
  readonly context: ServerContext;
  readonly stats: ListenerStats;
  readonly manager: (create: () => ConnectionManager) => ConnectionManager;
}

function createChain(
  chain: FilterChain,
  { config, statName, context, stats, manager }: ChainContext,
): ServedChain {
  const socket = chain.transportSocket?.config;
  const common = {
    name: chain.name ?? "",
    tls:
      socket?.type === "DownstreamTlsContext"
        ? new ServerTls(socket, new TlsStats(context.stats, `listener.${statName}.`), context.env)
        : undefined,
    handshakeTimeoutMs: chain.transportSocketConnectTimeoutMs ?? 0,
  };
  const filter = chain.filters.at(-1)?.config;
  if (filter === undefined) return new ClosedChain(common.name, stats);
  if (filter.type === "TcpProxy") {
    const settings = compileTcpProxy(filter, context);
    const handshakeTimeoutMs = common.handshakeTimeoutMs || settings.idleTimeoutMs;
    return new TcpChain({ ...common, handshakeTimeoutMs, settings, listenerStats: stats });
  }
  const settings = compileSettings(filter, config, statName, context);
  const callbacks = manager(() => new ConnectionManager(settings));
  callbacks.replace(settings);
  const codec = codecOptions(filter, config);
  // A handshake that does not come to its end is an idle connection.
  const handshakeTimeoutMs = common.handshakeTimeoutMs || (codec.idleTimeoutMs ?? 0);
  return new HttpChain({ ...common, handshakeTimeoutMs, codec, callbacks });
}

function createEvents(
  config: Listener,
  stats: ListenerStats,
  { accessLogSinks, runtime, ids, env }: ServerContext,
): ListenerEvents {
  const log = compileAccessLogs(config.accessLog, accessLogSinks, {
    runtime,
    ids,
    environment: env,
  });
  return {
    onInspectionTimeout(connection, startMicros, closed) {
      stats.preConnectionTimeout.inc();
      if (!closed || config.accessLog.length === 0) return;
      const info = new ConnectionStreamInfo(connection, startMicros);
      info.endTimeMicros = nowMicros();
      log(info);
    },
    onHandshakeTimeout: () => stats.handshakeTimeout.inc(),
    onNoFilterChain(connection, startMicros) {
      stats.noFilterChainMatch.inc();
      if (config.accessLog.length === 0) return;
      const info = new ConnectionStreamInfo(connection, startMicros);
      info.flags.add("NR");
      info.responseCodeDetails = "filter_chain_not_found";
      info.endTimeMicros = nowMicros();
      log(info);
    },
    onClosed(closed: ClosedConnection) {
      if (config.accessLog.length === 0) return;
      const info = new ConnectionStreamInfo(closed.info, closed.startMicros);
      info.protocol = closed.protocol;
      if (closed.failure === "") {
        info.bytesReceived = closed.socket.bytesRead;
        info.bytesSent = closed.socket.bytesWritten;
      } else info.downstreamTransportFailureReason = closed.failure;
      info.endTimeMicros = nowMicros();
      log(info);
    },
  };
}
