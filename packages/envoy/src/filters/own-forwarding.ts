/** Requests that the proxy sends on its own account: copies, and questions to services. */
import type { ForwardAction } from "../routing/route-entry.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { Host } from "../upstream/host.ts";
import { Forwarding } from "./forwarding.ts";
import type { ForwardingSettings, ForwardingStream } from "./forwarding-plan.ts";
import { noHealthyUpstream } from "./forwarding-replies.ts";
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
  const { info } = stream;
  const { name, statName } = cluster;
  info.upstream = { cluster: name, clusterStatName: statName, attemptCount: 1, timing: {} };
  const action: ForwardAction = { ...plainAction, cluster: name, timeoutMs };
  const host = cluster.choose(undefined);
  if (host === undefined) {
    cluster.stats.cxNoneHealthy.inc();
    cluster.stats.countStatus(503, true);
    info.flags.add("UH");
    stream.sendLocalReply(noHealthyUpstream(action, 1));
    return undefined;
  }
  const timeouts = decideTimeouts(stream.headers, action, settings.timeouts);
  const plan = {
    entry: undefined,
    action,
    cluster,
    altStatName: undefined,
    hash: undefined,
    timeouts,
  };
  const forwarding = new Forwarding(stream, settings, plan, undefined, requestComplete);
  return { forwarding, host };
}
