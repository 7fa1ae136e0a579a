import type { HttpFilterFactory } from "../filters/filter.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { RouteTable } from "../routing/route-table.ts";
import type { DateHeader } from "../time/clock.ts";
import type { LocalReplies } from "./local-replies.ts";
import type { ManagerStats } from "./manager-stats.ts";
import type { PathNormalisation } from "./path-normalisation.ts";
import type { RequestHeaderRules } from "./request-headers.ts";
import type { ResponseHeaderRules } from "./response-headers.ts";
import type { StreamTracing } from "./stream-tracing.ts";

/** What every stream of a connection manager works with, compiled from the file once. */
export interface ManagerSettings {
  readonly requestHeaders: RequestHeaderRules;
  readonly responseHeaders: ResponseHeaderRules;
  readonly path: PathNormalisation;
  /** strip_*_host_port and strip_trailing_host_dot, where set. */
  readonly hostRewrite: ((headers: HeaderMap) => void) | undefined;
  readonly routes: RouteTable;
  /** Header names with `_`, which some servers read as `-`. */
  readonly underscores: "ALLOW" | "REJECT_REQUEST" | "DROP_HEADER";
  readonly filters: readonly HttpFilterFactory[];
  readonly localReplies: LocalReplies;
  /** Undefined: nothing is traced. */
  readonly tracing: StreamTracing | undefined;
  readonly stats: ManagerStats;
  readonly date: DateHeader;
  /** Upgrade types (`websocket`), lower-case. */
  readonly upgrades: ReadonlyMap<string, boolean>;
  /** Milliseconds; 0: none. */
  readonly streamIdleTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxStreamDurationMs: number | undefined;
  readonly bufferLimitBytes: number;
  /** 1xx answers are passed on. */
  readonly proxy100Continue: boolean;
  /** Integers below 2^32. */
  readonly random: () => number;
  readonly clusterStatName: (name: string) => string | undefined;
  /** New answers announce the end of their connection. */
  readonly isDraining: () => boolean;
  /** Access logs. */
  readonly log: (info: StreamInfo) => void;
}
