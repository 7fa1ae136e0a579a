/**
 * A group of endpoints that offer the same service: who is in it, who gets the next request, how many may be under way.
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/upstream
 */
import type { Cluster as ClusterConfig } from "../config/cluster.ts";
import type { Environment } from "../config/data-source-bytes.ts";
import type { LbEndpoint, LocalityLbEndpoints } from "../config/endpoint.ts";
import type { ConnectionPool, PoolOptions, Protocol } from "../http/stream.ts";
import type { StatsStore } from "../stats/stats-store.ts";
import { balancingOptions } from "./balancing-options.ts";
import {
  type CircuitBreakerSet,
  createCircuitBreakers,
  maxConnectionsPerHost,
  type Priority,
  publishCircuitBreakers,
} from "./circuit-breaker.ts";
import { poolOptions, upstreamProtocol } from "./cluster-protocol.ts";
import { ClusterStats } from "./cluster-stats.ts";
import { ClusterTransport } from "./cluster-transport.ts";
import type { ConnectTarget } from "./connect.ts";
import { DnsWatch, type Lookup } from "./dns.ts";
import { createHealthChecker } from "./health/create-health-checker.ts";
import type { HealthChecker } from "./health/health-checker.ts";
import { Host } from "./host.ts";
import {
  createLoadBalancer,
  type LoadBalancer,
  type LoadBalancerOptions,
  type Random,
} from "./load-balancer.ts";
import { PoolAccount } from "./pool-account.ts";

/** What is under way at an endpoint that is gone from DNS gets so long. */
const removedHostGraceMs = 5000;
const defaultDnsRefreshMs = 5000;

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
  readonly #balancing: LoadBalancerOptions;
  readonly #checker: HealthChecker | undefined;
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
    this.#balancing = balancingOptions(config, dependencies.random, this.stats);
    this.#checker = this.#createChecker();
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

  /** First resolution of the names, then first check of the health. */
  async start(): Promise<void> {
    await this.#resolve();
    await this.#checker?.start();
  }

  /** A static cluster has no names. */
  async #resolve(): Promise<void> {
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
    this.#checker?.close();
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
      if (member.hosts.includes(host)) continue;
      this.#checker?.remove(host);
      host.close(removedHostGraceMs).catch(() => undefined); // closing cannot fail in a way that matters
    }
    this.#hosts = this.#members.flatMap(({ hosts }) => hosts);
    this.#refresh();
  }

  /** Endpoints or their health have changed. */
  #refresh(): void {
    const hosts = this.#hosts;
    const { stats } = this;
    const count = (is: (host: Host) => boolean): number => hosts.filter(is).length;
    stats.membershipTotal.set(hosts.length);
    stats.membershipHealthy.set(count(({ health }) => health === "healthy"));
    stats.membershipDegraded.set(count(({ health }) => health === "degraded"));
    stats.membershipExcluded.set(count(({ isExcluded }) => isExcluded));
    this.#balancer = createLoadBalancer(hosts, this.#balancing);
  }

  #createChecker(): HealthChecker | undefined {
    const [config] = this.config.healthChecks;
    if (config === undefined) return undefined;
    const { stats, random, log, mapPort } = this.#dependencies;
    return createHealthChecker({
      config,
      clusterName: this.name,
      clusterStatName: this.statName,
      stats,
      random,
      log,
      mapPort,
      poolOptions: this.#poolOptions,
      targetOf: (host, protocols) => this.#target(host, protocols, ""),
      hadTraffic: () => this.stats.cxTotal.value > 0,
      onChange: (host) => this.#onHealth(host),
    });
  }

  #onHealth(host: Host): void {
    this.#refresh();
    if (host.activeHealth.failed && this.config.closeConnectionsOnHostHealthFailure)
      host.close(0).catch(() => undefined); // closing cannot fail in a way that matters
  }

  #createHost({ group, endpoint }: Member, address: string): Host {
    const named = (this.config.type ?? "STATIC") !== "STATIC";
    const host = new Host({
      address,
      group,
      healthCheck: endpoint.endpoint.healthCheckConfig,
      metadata: endpoint.metadata?.filterMetadata,
      port: this.#dependencies.mapPort(endpoint.endpoint.address.portValue),
      hostname: endpoint.endpoint.hostname ?? (named ? endpoint.endpoint.address.address : ""),
      weight: endpoint.loadBalancingWeight ?? 1,
      priority: group.priority ?? 0,
      locality: group.locality,
      healthStatus: endpoint.healthStatus ?? "UNKNOWN",
    });
    if (host.healthCheck?.disableActiveHealthCheck !== true) this.#checker?.add(host);
    return host;
  }
}
