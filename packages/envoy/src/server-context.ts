import type { AccessLogSinks } from "./access-log/access-logs.ts";
import type { Bootstrap } from "./config/bootstrap.ts";
import type { Runtime } from "./runtime/runtime.ts";
import type { StatsStore } from "./stats/stats-store.ts";
import type { Tracers } from "./tracers.ts";
import type { RandomIds } from "./tracing/random-ids.ts";
import type { ClusterManager } from "./upstream/cluster-manager.ts";

/** Who this proxy says it is, after the command line. */
export interface NodeIdentity {
  readonly id: string;
  readonly cluster: string;
  readonly zone: string;
}

/** What the parts of one server share. There may be several servers in a process, so none of it is global. */
export interface ServerContext {
  readonly bootstrap: Bootstrap;
  readonly node: NodeIdentity;
  readonly stats: StatsStore;
  readonly runtime: Runtime;
  readonly clusters: ClusterManager;
  readonly tracers: Tracers;
  readonly accessLogSinks: AccessLogSinks;
  readonly ids: RandomIds;
  /** This machine's first IPv4 that is not loopback. */
  readonly machineAddress: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly state: ServerState;
  readonly log: (line: string) => void;
}

/** What changes while the server runs. */
export interface ServerState {
  /** POST /healthcheck/fail. */
  healthCheckFailed: boolean;
  draining: boolean;
}
