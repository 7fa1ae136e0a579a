import type { StreamInfo } from "../http/stream-info.ts";

/** What a line is written for; where there is no line, in headers, local replies and spans, NotSet. */
export function accessLogType({ accessLogType: type }: StreamInfo): string {
  return type ?? "NotSet";
}
