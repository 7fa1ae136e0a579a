import type { StreamInfo } from "../http/stream-info.ts";

/** What a line is written for; before the end, in header additions and local replies, there is no line yet. */
export function accessLogType({ accessLogType: type, endTimeMicros }: StreamInfo): string {
  return type ?? (endTimeMicros === undefined ? "NotSet" : "DownstreamEnd");
}
