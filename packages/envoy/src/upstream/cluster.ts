/**
 * A group of endpoints that offer the same service: who is in it, who gets the next request, how many may be under way.
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/upstream
 */
import type { Cluster as ClusterConfig } from "../config/cluster.ts";
import type { Environment } from "../config/data-source-bytes.ts";
import type { LbEndpoint, LocalityLbEndpoints } from "../config/endpoint.ts";
import { upstreamProtocolOptionsKey } from "../config/upstream-protocol-options.ts";
import type { ConnectionPool, PoolOptions, Protocol } from "../http/stream.ts";
import type { StatsStore } from "../stats/stats-store.ts";
import {
  type CircuitBreakerSet,
  createCircuitBreakers,
  maxConnectionsPerHost,
  type Priority,
  publishCircuitBreakers,
} from "./circuit-breaker.ts";
import { ClusterStats } from "./cluster-stats.ts";
import { ClusterTransport } from "./cluster-transport.ts";
import type { ConnectTarget } from "./connect.ts";
import { DnsWatch, type Lookup } from "./dns.ts";
import { Host } from "./host.ts";
import { createLoadBalancer, type LoadBalancer, type Random } from "./load-balancer.ts";
import { PoolAccount } from "./pool-account.ts";

const defaultConnectTimeoutMs = 5000;
const defaultIdleTimeoutMs = 3_600_000;
const defaultDnsRefreshMs = 5000;
const defaultBufferLimitBytes = 1024 * 1024;
const kib = 1024;

/** Pools of an endpoint are kept apart by what their connections speak and which limits they are under. */
const poolKeys = {
  "HTTP/1.1": { DEFAULT: "HTTP/1.1", HIGH: "HTTP/1.1 high" },
  "HTTP/2": { DEFAULT: "HTTP/2", HIGH: "HTTP/2 high" },
  ALPN: { DEFAULT: "ALPN", HIGH: "ALPN high" },
} as const;

/** What is offered by ALPN, unless the TLS context has a list of its own. */
const applicationProtocols = {
  "HTTP/1.1": ["http/1.1"],
  "HTTP/2": ["h2"],
  ALPN: ["h2", "http/1.1"],
} as const;

/** Requests can name any number of hosts: pools of names not in use are given up beyond this. */
const maxServerNames = 100;

export type CreatePool = (options: PoolOptions, account: PoolAccount) => ConnectionPool;

export interface ClusterDependencies {
  readonly stats: StatsStore;
  readonly random: Random;
  readonly lookup: Lookup;
  readonly createPool: CreatePool;
  readonly mapPort: (port: number) => number;
  readonly log: (line: string) => void;
  /** For certificates and keys that come from environment variables. */
  readonly env: Environment;
}

/** One name or address of the file and the hosts it stands for at the moment. */
interface Member {
  readonly group: LocalityLbEndpoints;
  readonly endpoint: LbEndpoint;
  hosts: Host[];
}

export class Cluster {
  readonly name: string;
  readonly config: ClusterConfig;
  readonly stats: ClusterStats;
  readonly breakers: CircuitBreakerSet;
  readonly #dependencies: ClusterDependencies;
  readonly #members: Member[] = [];
  readonly #watches: DnsWatch[] = [];
  readonly #transport: ClusterTransport;
  readonly #protocol: "HTTP/1.1" | "HTTP/2" | "ALPN" | "downstream";
  readonly #poolOptions: Omit<PoolOptions, "host" | "protocol">;
  #hosts: readonly Host[] = [];
  #balancer: LoadBalancer = { choose: () => undefined };

  constructor(config: ClusterConfig, dependencies: ClusterDependencies) {
    this.name = config.name;
    this.config = config;
    this.#dependencies = dependencies;
    this.stats = new ClusterStats(dependencies.stats, config.altStatName ?? config.name);
    this.breakers = createCircuitBreakers(config.circuitBreakers);
    publishCircuitBreakers(this.breakers, this.statName, dependencies.stats);
    this.#transport = new ClusterTransport(config, dependencies.stats, dependencies.env);
    this.#protocol = upstreamProtocol(config);
    this.#poolOptions = poolOptions(config);
    for (const group of config.loadAssignment?.endpoints ?? [])
      for (const endpoint of group.lbEndpoints) this.#members.push({ group, endpoint, hosts: [] });
    if ((config.type ?? "STATIC") === "STATIC") {
      for (const member of this.#members)
        this.#setHosts(member, [member.endpoint.endpoint.address.address]);
    }
  }

  /** What statistics and spans call it. */
  get statName(): string {
    return this.config.altStatName ?? this.name;
  }

  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  /** First resolution of the names; a static cluster has none. */
  async start(): Promise<void> {
    if ((this.config.type ?? "STATIC") === "STATIC") return;
    for (const member of this.#members) {
      this.#watches.push(
        new DnsWatch({
          hostname: member.endpoint.endpoint.address.address,
          family: this.config.dnsLookupFamily ?? "AUTO",
          lookup: this.#dependencies.lookup,
          refreshMs: this.config.dnsRefreshRateMs ?? defaultDnsRefreshMs,
          onAddresses: (addresses) => this.#onAddresses(member, addresses),
          onFailure: (message) => {
            this.stats.updateFailure.inc();
            this.#dependencies.log(`[debug][dns] cluster '${this.name}': ${message}`);
          },
        }),
      );
    }
    await Promise.all(this.#watches.map((watch) => watch.refresh()));
  }

  choose(hash: number | undefined): Host | undefined {
    return this.#balancer.choose(hash);
  }

  /**
   * The pool that speaks the cluster's protocol, or the downstream's where the file says so. `authority` is the request's, for clusters whose
   * SNI it is.
   */
  pool(
    host: Host,
    downstream: Protocol | undefined,
    priority: Priority = "DEFAULT",
    authority: string | undefined = undefined,
  ): ConnectionPool {
    const protocol =
      this.#protocol === "downstream"
        ? downstream === "HTTP/2"
          ? "HTTP/2"
          : "HTTP/1.1"
        : this.#protocol;
    const serverName = this.#transport.serverNameOf(authority);
    const plainKey = poolKeys[protocol][priority];
    const key = serverName === "" ? plainKey : `${plainKey} ${serverName}`;
    let pool = host.pools.get(key);
    if (pool === undefined) {
      pool = this.#dependencies.createPool(
        {
          ...this.#poolOptions,
          protocol,
          host: this.#target(host, applicationProtocols[protocol], serverName),
        },
        this.account(host, priority),
      );
      if (serverName !== "") host.forgetIdlePools(maxServerNames);
      host.pools.set(key, pool);
    }
    return pool;
  }

  /** Where a connection for other than HTTP goes. */
  target(host: Host): ConnectTarget {
    return this.#target(host, [], "");
  }

  account(host: Host, priority: Priority = "DEFAULT"): PoolAccount {
    return new PoolAccount(
      this.breakers[priority],
      this.stats,
      host,
      maxConnectionsPerHost(this.config.circuitBreakers),
    );
  }

  #target(host: Host, protocols: readonly string[], serverName: string): ConnectTarget {
    const { address, port } = host;
    const transport = this.#transport.forHost(host, protocols, serverName);
    return transport === undefined ? { address, port } : { address, port, transport };
  }

  get connectTimeoutMs(): number {
    return this.#poolOptions.connectTimeoutMs;
  }

  get bufferLimitBytes(): number {
    return this.#poolOptions.writeBufferHighWatermarkBytes;
  }

  async close(graceMs: number): Promise<void> {
    for (const watch of this.#watches) watch.close();
    await Promise.all(this.#hosts.map((host) => host.close(graceMs)));
  }

  #onAddresses(member: Member, addresses: readonly string[]): void {
    this.stats.updateAttempt.inc();
    this.stats.updateSuccess.inc();
    // LOGICAL_DNS keeps to one address at a time, STRICT_DNS takes every one for an endpoint.
    this.#setHosts(member, this.config.type === "LOGICAL_DNS" ? addresses.slice(0, 1) : addresses);
  }

  #setHosts(member: Member, addresses: readonly string[]): void {
    const kept = new Map(member.hosts.map((host) => [host.address, host]));
    member.hosts = addresses.map(
      (address) => kept.get(address) ?? this.#createHost(member, address),
    );
    for (const host of kept.values()) {
      if (!member.hosts.includes(host)) host.close(defaultConnectTimeoutMs).catch(() => undefined); // closing cannot fail in a way that matters
    }
    this.#hosts = this.#members.flatMap(({ hosts }) => hosts);
    this.stats.membershipTotal.set(this.#hosts.length);
    this.stats.membershipHealthy.set(this.#hosts.filter((host) => host.isHealthy).length);
    this.#balancer = createLoadBalancer(
      this.config.lbPolicy ?? "ROUND_ROBIN",
      this.#hosts,
      this.#dependencies.random,
    );
  }

  #createHost({ group, endpoint }: Member, address: string): Host {
    const named = (this.config.type ?? "STATIC") !== "STATIC";
    return new Host({
      address,
      port: this.#dependencies.mapPort(endpoint.endpoint.address.portValue),
      hostname: endpoint.endpoint.hostname ?? (named ? endpoint.endpoint.address.address : ""),
      weight: endpoint.loadBalancingWeight ?? 1,
      priority: group.priority ?? 0,
      locality: group.locality,
      healthStatus: endpoint.healthStatus ?? "UNKNOWN",
    });
  }
}

function upstreamProtocol(config: ClusterConfig): "HTTP/1.1" | "HTTP/2" | "ALPN" | "downstream" {
  const options = config.typedExtensionProtocolOptions[upstreamProtocolOptionsKey];
  if (options?.autoConfig !== undefined) return "ALPN";
  if (options?.useDownstreamProtocolConfig !== undefined) return "downstream";
  if (options?.explicitHttpConfig !== undefined)
    return options.explicitHttpConfig.http2ProtocolOptions === undefined ? "HTTP/1.1" : "HTTP/2";
  if (config.protocolSelection === "USE_DOWNSTREAM_PROTOCOL") return "downstream";
  return config.http2ProtocolOptions === undefined ? "HTTP/1.1" : "HTTP/2";
}

function poolOptions(config: ClusterConfig): Omit<PoolOptions, "host" | "protocol"> {
  const options = config.typedExtensionProtocolOptions[upstreamProtocolOptionsKey];
  const common = options?.commonHttpProtocolOptions ?? config.commonHttpProtocolOptions;
  const http1 =
    options?.explicitHttpConfig?.httpProtocolOptions ??
    options?.useDownstreamProtocolConfig?.httpProtocolOptions ??
    options?.autoConfig?.httpProtocolOptions ??
    config.httpProtocolOptions;
  const http2 =
    options?.explicitHttpConfig?.http2ProtocolOptions ??
    options?.useDownstreamProtocolConfig?.http2ProtocolOptions ??
    options?.autoConfig?.http2ProtocolOptions ??
    config.http2ProtocolOptions;
  const maxRequests = common?.maxRequestsPerConnection ?? config.maxRequestsPerConnection;
  return {
    connectTimeoutMs: config.connectTimeoutMs ?? defaultConnectTimeoutMs,
    idleTimeoutMs: common?.idleTimeoutMs ?? defaultIdleTimeoutMs,
    ...(maxRequests === undefined || maxRequests === 0
      ? {}
      : { maxRequestsPerConnection: maxRequests }),
    ...(http2?.maxConcurrentStreams === undefined
      ? {}
      : { maxConcurrentStreams: http2.maxConcurrentStreams }),
    writeBufferHighWatermarkBytes: config.perConnectionBufferLimitBytes ?? defaultBufferLimitBytes,
    enableTrailers: http1?.enableTrailers ?? false,
    maxResponseHeadersBytes: (common?.maxResponseHeadersKb ?? 60) * kib,
  };
}
