/** How a request of the proxy's own sets out: as it is, once. */
import type { ForwardAction } from "../routing/route-entry.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { Host } from "../upstream/host.ts";
import { chooseHost } from "./first-try.ts";
import { Forwarding } from "./forwarding.ts";
import type { ForwardingPlan, ForwardingSettings, ForwardingStream } from "./forwarding-plan.ts";
import { plainAction } from "./plain-action.ts";
import { decideTimeouts } from "./router-timeouts.ts";

export interface OwnForwarding {
  readonly forwarding: Forwarding;
  /** To start it with. */
  readonly host: Host;
}

/** Undefined: the cluster has no endpoint for it, and `stream` has its answer. */
export function prepareOwnForwarding(
  stream: ForwardingStream,
  settings: ForwardingSettings,
  cluster: Cluster,
  timeoutMs: number,
  requestComplete: boolean,
): OwnForwarding | undefined {
  const { name, statName } = cluster;
  stream.info.upstream = { cluster: name, clusterStatName: statName, attemptCount: 1, timing: {} };
  const action: ForwardAction = { ...plainAction, cluster: name, timeoutMs };
  const plan: ForwardingPlan = {
    entry: undefined,
    action,
    cluster,
    altStatName: undefined,
    hash: undefined,
    timeouts: decideTimeouts(stream.headers, action, settings.timeouts),
  };
  const host = chooseHost(stream, plan);
  if (host === undefined) return undefined;
  const forwarding = new Forwarding(stream, settings, plan, undefined, requestComplete);
  return { forwarding, host };
}
