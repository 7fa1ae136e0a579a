/** What is settled about a request before its first try. */
import type { ForwardAction, RouteEntry } from "../routing/route-entry.ts";
import type { TimeLimits } from "../time/time-limits.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { ClusterManager } from "../upstream/cluster-manager.ts";
import type { FilterStream } from "./filter.ts";
import type { TimeoutOptions, Timeouts } from "./router-timeouts.ts";

/** By the router's own configuration and surroundings. */
export interface ForwardingSettings {
  readonly clusters: ClusterManager;
  readonly random: () => number;
  /** This machine's, for x-forwarded-for. */
  readonly machineAddress: string;
  readonly timeLimits: TimeLimits;
  readonly startChildSpan: boolean;
  readonly timeouts: TimeoutOptions;
}

/** By the route and the request. */
export interface ForwardingPlan {
  /** Undefined: no route has a say in the response. */
  readonly entry: RouteEntry | undefined;
  readonly action: ForwardAction;
  readonly cluster: Cluster;
  /** x-envoy-upstream-alt-stat-name: a name under which answers count once more. */
  readonly altStatName: string | undefined;
  /** For load balancers that send equal hashes to the same endpoint. */
  readonly hash: number | undefined;
  readonly timeouts: Timeouts;
}

/** Whose request is forwarded: the side that the response goes to. */
export type ForwardingStream = Pick<
  FilterStream,
  | "info"
  | "headers"
  | "span"
  | "spanTags"
  | "spawnsUpstreamSpans"
  | "upgrade"
  | "random"
  | "internal"
  | "responseStarted"
  | "bufferLimitBytes"
  | "sendLocalReply"
  | "encodeInformational"
  | "encodeHeaders"
  | "encodeData"
  | "encodeTrailers"
  | "pauseReading"
  | "resumeReading"
>;
