/**
 * A UDP listener whose filter is the UDP proxy. Each client has a session: an endpoint, and a socket towards it, so that answers find their way
 * back. https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/udp_filters/udp_proxy
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Listener } from "../config/listener.ts";
import type { UdpProxy } from "../config/udp-proxy.ts";
import { Deadline, Deadlines } from "../listener/deadlines.ts";
import type { ListenOptions } from "../listener/network-listener.ts";
import type { ServerContext } from "../server-context.ts";
import type { Cluster } from "../upstream/cluster.ts";
import { hashText } from "../upstream/hash.ts";
import type { Host } from "../upstream/host.ts";
import { UdpClusterStats, UdpProxyStats } from "./udp-proxy-stats.ts";

const defaultIdleTimeoutMs = 60_000;

export interface UdpProxySettings {
  readonly cluster: () => Cluster | undefined;
  readonly hash: (remoteAddress: string) => number | undefined;
  readonly idleTimeoutMs: number;
  readonly stats: UdpProxyStats;
  readonly clusterStats: (cluster: Cluster) => UdpClusterStats;
}

/** Undefined: there is no filter, every datagram is dropped. */
export function compileUdpProxy(
  { listenerFilters }: Listener,
  { clusters, stats }: ServerContext,
): UdpProxySettings | undefined {
  const config = listenerFilters
    .map((filter) => filter.config)
    .find((filter): filter is UdpProxy => filter.type === "UdpProxyConfig");
  if (config === undefined) return undefined;
  const name = config.cluster ?? config.matcher?.onNoMatch?.action?.config.cluster;
  const [policy] = config.hashPolicies;
  const key = policy?.key;
  return {
    cluster: () => (name === undefined ? undefined : clusters.get(name)),
    hash: (remoteAddress) => (policy === undefined ? undefined : hashText(key ?? remoteAddress)),
    idleTimeoutMs: config.idleTimeoutMs ?? defaultIdleTimeoutMs,
    stats: new UdpProxyStats(stats, config.statPrefix),
    clusterStats: ({ statName }) => new UdpClusterStats(stats, statName),
  };
}

interface Session {
  readonly client: RemoteInfo;
  readonly cluster: Cluster;
  readonly host: Host;
  readonly socket: Socket;
  readonly idle: Deadline;
  readonly settings: UdpProxySettings;
  readonly clusterStats: UdpClusterStats;
}

export class UdpListener {
  address = "";
  port = 0;
  #settings: UdpProxySettings | undefined;
  #socket: Socket | undefined;
  readonly #deadlines = new Deadlines();
  /** By the client's address and port. */
  readonly #sessions = new Map<string, Session>();

  constructor(settings: UdpProxySettings | undefined) {
    this.#settings = settings;
  }

  get activeConnections(): number {
    return this.#sessions.size;
  }

  /** Rejects when the address cannot be bound. */
  async listen({ address, port }: ListenOptions): Promise<void> {
    const socket = createSocket({ type: familyOf(address) });
    const bound = once(socket, "listening");
    socket.bind({ address, port });
    await bound;
    // Later errors concern one datagram, which is lost.
    socket.on("error", () => {});
    socket.on("message", (datagram, client) => this.#onClientDatagram(datagram, client));
    this.#socket = socket;
    const { address: own, port: ownPort } = socket.address();
    this.address = own;
    this.port = ownPort;
  }

  /** Sessions from now on go by these. */
  replace(settings: UdpProxySettings | undefined): void {
    this.#settings = settings;
  }

  /** There is nothing to announce: datagrams have no end. */
  drain(): void {}

  /** Sessions end at once: nobody can tell whether more would have come. */
  async close(_graceMs: number): Promise<void> {
    for (const key of [...this.#sessions.keys()]) this.#end(key);
    this.#deadlines.close();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    const closed = once(socket, "close");
    socket.close();
    await closed;
  }

  #onClientDatagram(datagram: Buffer, client: RemoteInfo): void {
    const key = `${client.address} ${client.port}`;
    let session = this.#sessions.get(key);
    // An endpoint that has left its cluster gets no more.
    if (session !== undefined && !session.cluster.hosts.includes(session.host)) {
      this.#end(key);
      session = undefined;
    }
    session ??= this.#begin(key, client);
    if (session === undefined) return;
    const { settings, host, socket, idle, clusterStats } = session;
    settings.stats.received(datagram.length);
    this.#deadlines.arm(idle, settings.idleTimeoutMs);
    socket.send(datagram, host.port, host.address, (error) => {
      if (error !== null) clusterStats.sendErrors.inc();
      else clusterStats.sentDatagrams.inc();
    });
  }

  /** Undefined: there is nowhere to send anything to. */
  #begin(key: string, client: RemoteInfo): Session | undefined {
    const settings = this.#settings;
    if (settings === undefined) return undefined;
    const cluster = settings.cluster();
    if (cluster === undefined) {
      settings.stats.noRoute.inc();
      return undefined;
    }
    const breaker = cluster.breakers.DEFAULT;
    if (!breaker.mayConnect) {
      cluster.stats.cxOverflow.inc();
      return undefined;
    }
    const host = cluster.choose(settings.hash(client.address));
    if (host === undefined) {
      cluster.stats.cxNoneHealthy.inc();
      return undefined;
    }
    const socket = createSocket({ type: familyOf(host.address) });
    const idle = new Deadline(() => {
      settings.stats.idleTimeout.inc();
      this.#end(key);
    });
    const clusterStats = settings.clusterStats(cluster);
    const session: Session = { client, cluster, host, socket, idle, settings, clusterStats };
    // Nobody listens there: the datagram is lost, as UDP's are.
    socket.on("error", () => {});
    socket.on("message", (datagram, from) => {
      if (from.address === host.address && from.port === host.port)
        this.#onEndpointDatagram(session, datagram);
    });
    breaker.connections++;
    settings.stats.sessions.inc();
    settings.stats.activeSessions.inc();
    this.#sessions.set(key, session);
    return session;
  }

  #onEndpointDatagram(session: Session, datagram: Buffer): void {
    const { client, settings, clusterStats, idle } = session;
    clusterStats.receivedDatagrams.inc();
    this.#deadlines.arm(idle, settings.idleTimeoutMs);
    this.#socket?.send(datagram, client.port, client.address, (error) =>
      settings.stats.sent(datagram.length, error),
    );
  }

  #end(key: string): void {
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    this.#sessions.delete(key);
    this.#deadlines.disarm(session.idle);
    session.cluster.breakers.DEFAULT.connections--;
    session.settings.stats.activeSessions.dec();
    session.socket.close();
  }
}

function familyOf(address: string): "udp4" | "udp6" {
  return isIPv6(address) ? "udp6" : "udp4";
}
