/** What a pool's connections and streams count against, and where they are counted. */
import { StatsStore } from "../stats/stats-store.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { ClusterStats } from "./cluster-stats.ts";
import { Host } from "./host.ts";

export class PoolAccount {
  readonly #breaker: CircuitBreaker;
  readonly #stats: ClusterStats;
  readonly #host: Host;
  readonly #maxConnectionsPerHost: number;

  constructor(
    breaker: CircuitBreaker,
    stats: ClusterStats,
    host: Host,
    maxConnectionsPerHost: number = Number.POSITIVE_INFINITY,
  ) {
    this.#breaker = breaker;
    this.#stats = stats;
    this.#host = host;
    this.#maxConnectionsPerHost = maxConnectionsPerHost;
  }

  /** For a pool outside of any cluster: default limits, nobody sees the figures. */
  static standalone({ address, port }: { address: string; port: number }): PoolAccount {
    const host = new Host({
      address,
      port,
      hostname: "",
      weight: 1,
      priority: 0,
      locality: undefined,
      healthStatus: "UNKNOWN",
    });
    const stats = new ClusterStats(new StatsStore(), "standalone");
    return new PoolAccount(new CircuitBreaker(undefined), stats, host);
  }

  // --- connections ----------------------------------------------------------------------------------------------------------------------

  /** False is counted: somebody has to wait for want of a connection. */
  mayConnect(): boolean {
    const room =
      this.#host.stats.cxActive < this.#maxConnectionsPerHost && this.#breaker.mayConnect;
    if (!room) this.#stats.cxOverflow.inc();
    return room;
  }

  connecting(protocol: "HTTP/1.1" | "HTTP/2" | "ALPN" | "TCP"): void {
    const stats = this.#stats;
    this.#breaker.connections++;
    this.#host.stats.cxTotal++;
    this.#host.stats.cxActive++;
    stats.cxTotal.inc();
    stats.cxActive.inc();
    if (protocol === "HTTP/2") stats.cxHttp2Total.inc();
    else if (protocol === "HTTP/1.1") stats.cxHttp1Total.inc();
  }

  connectFailed(timedOut: boolean): void {
    this.#stats.cxConnectFail.inc();
    if (timedOut) this.#stats.cxConnectTimeout.inc();
    this.#host.stats.cxConnectFail++;
  }

  /** `streams`: not counted as ended yet; `interrupted`: some of them really were under way. */
  disconnected(byPeer: boolean, streams: number, interrupted: boolean): void {
    const stats = this.#stats;
    this.#breaker.connections--;
    this.#host.stats.cxActive--;
    stats.cxActive.dec();
    stats.cxDestroy.inc();
    (byPeer ? stats.cxDestroyRemote : stats.cxDestroyLocal).inc();
    for (let i = 0; i < streams; i++) this.streamEnded();
    if (!interrupted) return;
    stats.cxDestroyWithActiveRq.inc();
    (byPeer ? stats.cxDestroyRemoteWithActiveRq : stats.cxDestroyLocalWithActiveRq).inc();
  }

  maxRequestsReached(): void {
    this.#stats.cxMaxRequests.inc();
  }

  idleTimedOut(): void {
    this.#stats.cxIdleTimeout.inc();
  }

  goAwayReceived(): void {
    this.#stats.cxCloseNotify.inc();
  }

  // --- streams --------------------------------------------------------------------------------------------------------------------------

  /** False is counted: the request is turned away. */
  mayWait(): boolean {
    const room = this.#breaker.mayWait;
    if (!room) this.#stats.rqPendingOverflow.inc();
    return room;
  }

  waiting(): void {
    this.#breaker.pending++;
    this.#stats.rqPendingTotal.inc();
    this.#stats.rqPendingActive.inc();
  }

  waited(): void {
    this.#breaker.pending--;
    this.#stats.rqPendingActive.dec();
  }

  waitCancelled(): void {
    this.#stats.rqCancelled.inc();
  }

  waitFailed(): void {
    this.#stats.rqPendingFailureEject.inc();
  }

  /** False is counted: the request is turned away although it has a connection. */
  mayStart(): boolean {
    const room = this.#breaker.mayStartRequest;
    if (!room) this.#stats.rqActiveOverflow.inc();
    return room;
  }

  streamStarted(): void {
    this.#breaker.requests++;
    this.#host.stats.rqTotal++;
    this.#host.activeRequests++;
    this.#stats.rqTotal.inc();
    this.#stats.rqActive.inc();
  }

  streamEnded(): void {
    this.#breaker.requests--;
    this.#host.activeRequests--;
    this.#stats.rqActive.dec();
  }
}
