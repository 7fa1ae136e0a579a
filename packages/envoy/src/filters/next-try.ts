/** What changes from one try to the next. */
import type { HeaderMap } from "../http/header-map.ts";
import type { Host } from "../upstream/host.ts";
import type { ForwardingPlan } from "./forwarding-plan.ts";
import { announceTimeout, type TimeoutOptions } from "./router-timeouts.ts";

/** Tells the endpoint which try this is, and what is left of the time after `elapsedMs`. */
export function announceNextTry(
  headers: HeaderMap,
  { action, timeouts }: ForwardingPlan,
  attempt: number,
  elapsedMs: number,
  options: TimeoutOptions,
): void {
  if (action.includeAttemptCountInRequest) headers.set("x-envoy-attempt-count", String(attempt));
  announceTimeout(headers, timeouts, Math.floor(elapsedMs), action, options);
}

/** Not an endpoint that has had its chance, where the retry policy says so and as long as others turn up. */
export function chooseHostAgain(
  { cluster, hash, action }: ForwardingPlan,
  tried: readonly Host[],
): Host | undefined {
  const { avoidPreviousHosts, hostSelectionAttempts } = action.retryPolicy;
  let host = cluster.choose(hash);
  if (!avoidPreviousHosts) return host;
  for (let i = 0; i < hostSelectionAttempts && host !== undefined; i++) {
    if (!tried.includes(host)) return host;
    host = cluster.choose(hash);
  }
  return host;
}
