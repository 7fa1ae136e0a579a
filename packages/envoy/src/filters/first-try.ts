/** Where the first try of a request goes. */
import type { Host } from "../upstream/host.ts";
import { countUpstreamStatus } from "./count-upstream-status.ts";
import type { ForwardingPlan, ForwardingStream } from "./forwarding-plan.ts";
import { noHealthyUpstream } from "./forwarding-replies.ts";

/** Undefined: the cluster has no endpoint for it, and `stream` has its answer. */
export function chooseHost(stream: ForwardingStream, plan: ForwardingPlan): Host | undefined {
  const { cluster, action, hash } = plan;
  const host = cluster.choose(hash);
  if (host !== undefined) return host;
  cluster.stats.cxNoneHealthy.inc();
  countUpstreamStatus(stream, plan, 503);
  stream.info.flags.add("UH");
  stream.sendLocalReply(noHealthyUpstream(action, 1));
  return undefined;
}
