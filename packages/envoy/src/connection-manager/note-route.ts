import { formatGrpcTimeout, isGrpcContentType } from "../http/grpc.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { ActiveStream } from "./active-stream.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { streamDurationMs } from "./stream-duration.ts";
import type { StreamTimers } from "./stream-timers.ts";

/** What a route that was found says at once: names for logs and statistics, and the time limits of the request. */
export function noteRoute(
  { route, info, headers }: ActiveStream,
  settings: ManagerSettings,
  timers: StreamTimers,
): void {
  if (route.kind !== "route") return;
  const { entry } = route;
  info.routeName = entry.name;
  info.virtualHostName = entry.virtualHostName;
  if (entry.metadata !== undefined) info.routeMetadata = entry.metadata.filterMetadata;
  if (entry.action.kind !== "forward") return;
  const { cluster, idleTimeoutMs } = entry.action;
  // Known before the router gets there: filters that answer by themselves count for the cluster too.
  const clusterStatName = cluster && settings.clusterStatName(cluster);
  if (cluster !== undefined && clusterStatName !== undefined)
    info.upstream = { cluster, clusterStatName, attemptCount: 0, timing: {} };
  if (idleTimeoutMs !== undefined) timers.setIdleTimeout(idleTimeoutMs);
  const durationMs = streamDurationMs(entry.action, headers, settings.maxStreamDurationMs);
  if (durationMs === undefined) return;
  timers.startMaxDuration(durationMs);
  if (isGrpcContentType(headers.get("content-type")))
    headers.set("grpc-timeout", formatGrpcTimeout(durationMs));
}

/** Before another one is looked for. */
export function forgetRoute(info: StreamInfo): void {
  delete info.routeName;
  delete info.virtualHostName;
  delete info.routeMetadata;
  delete info.upstream;
}
