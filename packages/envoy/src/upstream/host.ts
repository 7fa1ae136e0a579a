/** One endpoint of a cluster. */
import type { EndpointHealthCheck, HealthStatus, Locality } from "../config/endpoint.ts";
import type { ConnectionPool } from "../http/stream.ts";

/** Figures of /clusters. */
export interface HostStats {
  cxTotal: number;
  /** Connections there are, those being opened included. */
  cxActive: number;
  cxConnectFail: number;
  rqTotal: number;
  rqSuccess: number;
  rqError: number;
  rqTimeout: number;
}

/** Which endpoint it is, as spans and access logs have it. */
export interface HostIdentity {
  readonly address: string;
  readonly port: number;
  readonly hostname?: string;
  /** By namespace. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Endpoints of one locality in one priority. */
export interface HostGroup {
  /** Absent: 0, no share where localities are weighted. */
  readonly loadBalancingWeight?: number;
}

export type HostHealth = "healthy" | "degraded" | "unhealthy";

/** What active health checks found. */
export interface ActiveHealth {
  failed: boolean;
  /** The last check got no answer in time. */
  timedOut: boolean;
  degraded: boolean;
}

const noGroup: HostGroup = {};

const configuredHealth: Readonly<Record<HealthStatus, HostHealth>> = {
  UNKNOWN: "healthy",
  HEALTHY: "healthy",
  DEGRADED: "degraded",
  UNHEALTHY: "unhealthy",
  DRAINING: "unhealthy",
  TIMEOUT: "unhealthy",
};

export class Host {
  readonly identity: HostIdentity;
  readonly address: string;
  readonly port: number;
  /** Given in the endpoint, or the name that DNS resolved; empty when there is neither. */
  readonly hostname: string;
  readonly weight: number;
  readonly priority: number;
  readonly locality: Locality | undefined;
  readonly group: HostGroup;
  /** How its checks differ from the cluster's. */
  readonly healthCheck: EndpointHealthCheck | undefined;
  /** As the file says. */
  readonly healthStatus: HealthStatus;
  readonly activeHealth: ActiveHealth = { failed: false, timedOut: false, degraded: false };
  readonly stats: HostStats = {
    cxTotal: 0,
    cxActive: 0,
    cxConnectFail: 0,
    rqTotal: 0,
    rqSuccess: 0,
    rqError: 0,
    rqTimeout: 0,
  };
  activeRequests = 0;
  /** By protocol (a cluster may follow the downstream's) and priority. */
  readonly pools: Map<string, ConnectionPool> = new Map();

  constructor(options: {
    address: string;
    port: number;
    hostname: string;
    weight: number;
    priority: number;
    locality: Locality | undefined;
    healthStatus: HealthStatus;
    group?: HostGroup;
    healthCheck?: EndpointHealthCheck | undefined;
    metadata?: Readonly<Record<string, unknown>> | undefined;
  }) {
    this.address = options.address;
    this.port = options.port;
    this.hostname = options.hostname;
    const { address, port, hostname, metadata } = options;
    this.identity = {
      address,
      port,
      ...(hostname !== "" && { hostname }),
      ...(metadata !== undefined && { metadata }),
    };
    this.weight = options.weight;
    this.priority = options.priority;
    this.locality = options.locality;
    this.healthStatus = options.healthStatus;
    this.group = options.group ?? noGroup;
    this.healthCheck = options.healthCheck;
  }

  /** `ip:port`, the name in logs, tags and statistics. */
  get name(): string {
    return this.address.includes(":")
      ? `[${this.address}]:${this.port}`
      : `${this.address}:${this.port}`;
  }

  get health(): HostHealth {
    const { failed, degraded } = this.activeHealth;
    const asConfigured = configuredHealth[this.healthStatus];
    if (failed || asConfigured === "unhealthy") return "unhealthy";
    return degraded ? "degraded" : asConfigured;
  }

  /** It may get requests, if need be. */
  get isHealthy(): boolean {
    return this.health !== "unhealthy";
  }

  /** It is leaving: no reason to panic. */
  get isExcluded(): boolean {
    return this.healthStatus === "DRAINING";
  }

  /** What is wrong with it, in Envoy's words; none for a healthy one. */
  get healthFlags(): string[] {
    const { failed, timedOut, degraded } = this.activeHealth;
    const flags: string[] = [];
    if (failed) flags.push("failed_active_hc");
    if (this.healthStatus === "UNHEALTHY" || this.healthStatus === "TIMEOUT")
      flags.push("failed_eds_health");
    if (degraded) flags.push("degraded_active_hc");
    if (this.healthStatus === "DEGRADED") flags.push("degraded_eds_health");
    if (failed && timedOut) flags.push("active_hc_timeout");
    if (this.healthStatus === "DRAINING") flags.push("eds_status_draining");
    return flags;
  }

  get pendingStreams(): number {
    let total = 0;
    for (const pool of this.pools.values()) total += pool.pendingStreams;
    return total;
  }

  /** Gives up pools that nobody uses, when there are more than `most`. */
  forgetIdlePools(most: number): void {
    if (this.pools.size < most) return;
    for (const [key, pool] of this.pools) {
      if (pool.activeConnections > 0 || pool.pendingStreams > 0) continue;
      this.pools.delete(key);
      pool.close(0).catch(() => undefined); // nothing is left in it that could fail
    }
  }

  close(graceMs: number): Promise<unknown> {
    const closing = [...this.pools.values()].map((pool) => pool.close(graceMs));
    this.pools.clear();
    return Promise.all(closing);
  }
}
