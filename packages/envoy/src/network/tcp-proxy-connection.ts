/** One connection through the TCP proxy: an endpoint is found and connected to, then bytes are relayed. */
import type { Socket } from "node:net";
import type { LogRequest } from "../access-log/access-logs.ts";
import type { ConnectionInfo } from "../http/stream.ts";
import type { ResponseFlag } from "../http/stream-info.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";
import type { ServedConnection } from "../listener/served-chain.ts";
import { nowMicros } from "../time/clock.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { TcpUpstream } from "../upstream/connect-tcp.ts";
import { connectTcp } from "../upstream/connect-tcp.ts";
import { ConnectionStreamInfo } from "./connection-stream-info.ts";
import type { TcpProxyStats } from "./tcp-proxy-stats.ts";
import { TcpRelay, type TcpRelayEnd, type TcpRelayEvents } from "./tcp-relay.ts";

export interface TcpProxySettings {
  /** By name; undefined: it does not exist. */
  readonly chooseCluster: () => Cluster | undefined;
  readonly hash: (info: ConnectionInfo) => number | undefined;
  readonly maxConnectAttempts: number;
  /** 0: never. */
  readonly idleTimeoutMs: number;
  readonly maxDurationMs: number;
  readonly stats: TcpProxyStats;
  readonly log: LogRequest;
}

export class TcpProxyConnection implements ServedConnection, TcpRelayEvents {
  readonly #settings: TcpProxySettings;
  readonly #downstream: Socket;
  readonly #first: Buffer | undefined;
  readonly #deadlines: Deadlines;
  readonly #info: ConnectionStreamInfo;
  readonly #idle = new Deadline(() => this.#onIdle());
  readonly #age = new Deadline(() => this.#onMaxDuration());
  #attempts = 0;
  #giveUp: (() => void) | undefined;
  #upstream: TcpUpstream | undefined;
  #relay: TcpRelay | undefined;
  #over = false;

  constructor(
    settings: TcpProxySettings,
    downstream: Socket,
    connection: ConnectionInfo,
    first: Buffer | undefined,
    deadlines: Deadlines,
  ) {
    this.#settings = settings;
    this.#downstream = downstream;
    this.#first = first;
    this.#deadlines = deadlines;
    this.#info = new ConnectionStreamInfo(connection);
    this.#info.accessLogType = "TcpConnectionEnd";
    // Nothing is read before there is somewhere to send it.
    downstream.pause();
    settings.stats.connections.inc();
    if (settings.maxDurationMs > 0) deadlines.arm(this.#age, settings.maxDurationMs);
    const cluster = settings.chooseCluster();
    if (cluster !== undefined) {
      this.#connect(cluster);
      return;
    }
    settings.stats.noRoute.inc();
    this.#fail("NC");
  }

  /** What is under way goes on. */
  drain(): void {}

  socketClosed(): void {
    // The relay has its own eye on the socket; before there is one, the connection is over here.
    if (this.#relay === undefined) this.#finish();
  }

  // --- the endpoint ---------------------------------------------------------------------------------------------------------------------

  #connect(cluster: Cluster): void {
    const info = this.#info;
    const host = cluster.choose(this.#settings.hash(info.connection));
    // What an earlier attempt failed of stays in the log.
    const before = info.upstream?.transportFailureReason;
    info.upstream = {
      cluster: cluster.name,
      attemptCount: this.#attempts,
      timing: {},
      ...(before === undefined ? {} : { transportFailureReason: before }),
    };
    if (!cluster.breakers.DEFAULT.mayConnect) {
      cluster.stats.cxOverflow.inc();
      this.#fail("UO");
      return;
    }
    if (host === undefined) {
      cluster.stats.cxNoneHealthy.inc();
      this.#fail("UH");
      return;
    }
    this.#attempts += 1;
    const { address, port, hostname } = host;
    info.upstream = {
      ...info.upstream,
      attemptCount: this.#attempts,
      host: hostname === "" ? { address, port } : { address, port, hostname },
    };
    this.#giveUp = connectTcp(cluster, host, this.#deadlines, {
      connected: (upstream) => this.#join(upstream),
      failed: (details) => {
        info.flags.add("UF");
        if (info.upstream !== undefined && details !== undefined)
          info.upstream.transportFailureReason = details;
        if (this.#attempts < this.#settings.maxConnectAttempts) this.#connect(cluster);
        else {
          cluster.stats.cxConnectAttemptsExceeded.inc();
          this.#fail("URX");
        }
      },
    });
  }

  #join(upstream: TcpUpstream): void {
    this.#giveUp = undefined;
    this.#upstream = upstream;
    if (this.#info.upstream !== undefined) this.#info.upstream.connection = upstream.info;
    this.#relay = new TcpRelay(this.#downstream, upstream.socket, this);
    this.#touch();
    this.#relay.start(this.#first);
  }

  // --- bytes ----------------------------------------------------------------------------------------------------------------------------

  onUpstreamBound(bytes: number): void {
    this.#info.bytesReceived += bytes;
    this.#settings.stats.receivedBytes.add(bytes);
    this.#touch();
  }

  onDownstreamBound(bytes: number): void {
    this.#info.bytesSent += bytes;
    this.#settings.stats.sentBytes.add(bytes);
    this.#touch();
  }

  onPaused(): void {
    this.#settings.stats.pausedReading.inc();
  }

  onResumed(): void {
    this.#settings.stats.resumedReading.inc();
  }

  #touch(): void {
    const { idleTimeoutMs } = this.#settings;
    if (idleTimeoutMs > 0) this.#deadlines.arm(this.#idle, idleTimeoutMs);
  }

  // --- the end --------------------------------------------------------------------------------------------------------------------------

  onOver(how: TcpRelayEnd): void {
    if (how === "upstream cut") this.#info.flags.add("UR");
    this.#upstream?.closed(how !== "downstream cut");
    this.#finish();
  }

  #onIdle(): void {
    this.#settings.stats.idleTimeout.inc();
    this.#cut();
  }

  #onMaxDuration(): void {
    this.#info.flags.add("DT");
    this.#settings.stats.maxConnectionDuration.inc();
    this.#cut();
  }

  #fail(flag: ResponseFlag): void {
    this.#info.flags.add(flag);
    this.#cut();
  }

  #cut(): void {
    this.#giveUp?.();
    this.#relay?.close();
    this.#downstream.destroy();
    this.#upstream?.closed(false);
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveUp?.();
    this.#deadlines.disarm(this.#idle);
    this.#deadlines.disarm(this.#age);
    this.#info.endTimeMicros = nowMicros();
    this.#settings.log(this.#info);
  }
}
