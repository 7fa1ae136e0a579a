/**
 * What is known about one request while it passes through: filled in by the connection manager and the router, read by tracing, access
 * logs, header formatters and statistics. (Envoy's StreamInfo.)
 */
import type { HeaderMap } from "./header-map.ts";
import type { ResponseFlags } from "./response-flags.ts";
import type { ConnectionInfo, Protocol } from "./stream.ts";

/** Envoy's response flags, in the order in which Envoy prints them. https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#config-access-log-format-response-flags */
export const responseFlags = [
  "LH", "UH", "UT", "LR", "UR", "UF", "UC", "UO", "NR", "DI", "FI", "RL", "UAEX", "RLSE", "DC", "URX", "SI", "IH", "DPE", "UMSDR",
  "RFCF", "NFCF", "DT", "UPE", "NC", "OM", "DF", "DO", "DR", "UDO",
] as const; // biome-ignore format: a table

export type ResponseFlag = (typeof responseFlags)[number];

/** Points in time, microseconds of `now()`; absent when not reached. */
export interface UpstreamTiming {
  firstUpstreamTxByteSent?: number;
  lastUpstreamTxByteSent?: number;
  firstUpstreamRxByteReceived?: number;
  firstUpstreamRxBodyReceived?: number;
  lastUpstreamRxByteReceived?: number;
  /** When the pool was asked for a connection, and when it had one or gave up. */
  poolAsked?: number;
  poolAnswered?: number;
}

export interface UpstreamInfo {
  cluster: string;
  /** The cluster's alt_stat_name, where it has one: spans name the cluster by it, too. */
  clusterStatName?: string;
  /** Set once an endpoint was picked: `ip:port`. */
  host?: {
    readonly address: string;
    readonly port: number;
    readonly hostname?: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
  /** Set once a connection was there. */
  protocol?: Protocol;
  connection?: ConnectionInfo;
  transportFailureReason?: string;
  attemptCount: number;
  /** Of the try before it. */
  previous?: UpstreamInfo;
  readonly timing: UpstreamTiming;
}

export interface StreamInfo {
  readonly connection: ConnectionInfo;
  /** Undefined: the connection is no HTTP. */
  readonly protocol: Protocol | undefined;
  /** Microseconds since the epoch. */
  readonly startTimeMicros: number;
  /** What access logs call the downstream remote address: the direct peer, or what x-forwarded-for says where that is trusted. */
  downstreamRemoteAddress: { address: string; port: number };
  requestHeaders: HeaderMap;
  responseHeaders?: HeaderMap;
  responseTrailers?: HeaderMap;
  /** Absent until known; a client that left before headers leaves it absent (reported as 0). */
  responseCode?: number;
  responseCodeDetails?: string;
  readonly flags: ResponseFlags;
  /** Body bytes. */
  bytesReceived: number;
  bytesSent: number;
  routeName?: string;
  virtualHostName?: string;
  /** Struct of the matched route's metadata.filter_metadata. */
  routeMetadata?: Readonly<Record<string, unknown>>;
  /** The same of the chosen cluster, and what filters left for this request. */
  clusterMetadata?: Readonly<Record<string, unknown>>;
  dynamicMetadata?: Readonly<Record<string, unknown>>;
  /** Body of a reply made by the proxy itself, as bytes, one a character. */
  localReplyBody?: string;
  /** The sampling decision said yes (x-request-id marked or forced); read by the access log's traceable_filter. */
  traced?: boolean;
  /** The request cannot be sent on: a rule gave this header a value with control characters. */
  unsendableHeader?: string;
  upstream?: UpstreamInfo;
  healthCheck: boolean;
  /** %ACCESS_LOG_TYPE%, where it is not the one of requests. */
  accessLogType?: string;
  /** Why the client's handshake came to nothing. */
  readonly downstreamTransportFailureReason?: string;
  /** Ids for %TRACE_ID% and %SPAN_ID%. */
  traceId?: string;
  spanId?: string;
  lastDownstreamRxByteReceived?: number;
  firstDownstreamTxByteSent?: number;
  lastDownstreamTxByteSent?: number;
  /** Set at the very end, microseconds since the epoch. */
  endTimeMicros?: number;
}
