/** How a request of the proxy's own is forwarded: as it is, once. */

import { noRetries } from "../routing/retry-policy.ts";
import type { ForwardAction } from "../routing/route-entry.ts";
import { defaultMaxPathTagLength, type SpanTagOptions } from "../tracing/finalize-span.ts";

export const plainAction: Omit<ForwardAction, "cluster" | "timeoutMs"> = {
  kind: "forward",
  clusterHeader: undefined,
  clusterNotFoundStatus: 503,
  idleTimeoutMs: undefined,
  maxStreamDuration: undefined,
  maxGrpcTimeoutMs: undefined,
  grpcTimeoutOffsetMs: undefined,
  retryPolicy: noRetries,
  priority: "DEFAULT",
  hash: undefined,
  rewritePath: undefined,
  weightedHost: undefined,
  rewriteHost: undefined,
  appendXForwardedHost: false,
  includeAttemptCountInRequest: false,
  includeAttemptCountInResponse: false,
  includeIsTimeoutRetry: false,
  mirrors: [],
  upgrades: new Map(),
  bufferLimitBytes: undefined,
};

/** The spans of such requests have none of the connection manager's tags. */
export const plainTags: SpanTagOptions = {
  customTags: [],
  maxPathTagLength: defaultMaxPathTagLength,
  verbose: false,
};
