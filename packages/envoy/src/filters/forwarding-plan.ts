/** What is settled about a request before its first try. */
import type { ForwardAction, RouteEntry } from "../routing/route-entry.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { TimeoutOptions, Timeouts } from "./router-timeouts.ts";

/** By the router's own configuration. */
export interface ForwardingSettings {
  readonly startChildSpan: boolean;
  readonly timeouts: TimeoutOptions;
}

/** By the route and the request. */
export interface ForwardingPlan {
  readonly entry: RouteEntry;
  readonly action: ForwardAction;
  readonly cluster: Cluster;
  /** For load balancers that send equal hashes to the same endpoint. */
  readonly hash: number | undefined;
  readonly timeouts: Timeouts;
}
