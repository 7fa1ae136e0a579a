/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto */
import type { Empty } from "./extension.ts";

/** core.v3.HttpProtocolOptions: what both sides and both protocols share. */
export interface CommonHttpProtocolOptions {
  /** Absent: one hour; 0: never. */
  readonly idleTimeoutMs?: number;
  readonly maxConnectionDurationMs?: number;
  readonly maxHeadersCount?: number;
  readonly maxResponseHeadersKb?: number;
  readonly maxStreamDurationMs?: number;
  readonly headersWithUnderscoresAction?: "ALLOW" | "REJECT_REQUEST" | "DROP_HEADER";
  readonly maxRequestsPerConnection?: number;
}

export interface Http1ProtocolOptions {
  /** Absent: true. */
  readonly allowAbsoluteUrl?: boolean;
  readonly acceptHttp10: boolean;
  readonly defaultHostForHttp10?: string;
  readonly headerKeyFormat?: { readonly properCaseWords?: Empty };
  readonly enableTrailers: boolean;
  readonly allowChunkedLength: boolean;
  readonly overrideStreamErrorOnInvalidHttpMessage?: boolean;
  readonly sendFullyQualifiedUrl: boolean;
}

export interface Http2ProtocolOptions {
  readonly hpackTableSize?: number;
  readonly maxConcurrentStreams?: number;
  readonly initialStreamWindowSize?: number;
  readonly initialConnectionWindowSize?: number;
  readonly allowConnect: boolean;
  readonly overrideStreamErrorOnInvalidHttpMessage?: boolean;
}
