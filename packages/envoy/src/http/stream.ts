/**
 * What the codecs (http1/, http2/) and everything above them say to each other. One request is one downstream stream and, per
 * attempt, one upstream stream. All calls are synchronous; "endStream" on a call means that nothing follows it.
 */
import type { Http2Limits } from "../http2/settings.ts";
import type { TlsConnectionInfo } from "../tls/tls-connection-info.ts";
import type { ConnectTarget } from "../upstream/connect.ts";
import type { HeaderMap } from "./header-map.ts";
import type { ResponseFlag } from "./stream-info.ts";

export type Protocol = "HTTP/1.0" | "HTTP/1.1" | "HTTP/2";

/** Who is at the other end of a TCP connection. Addresses are IP literals. */
export interface ConnectionInfo {
  /** Unique within the process, counted from 1. */
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Once a handshake is done. */
  readonly tls?: TlsConnectionInfo;
  /** SNI as the tls_inspector read it; absent or empty: none. */
  readonly requestedServerName?: string;
  /** Microseconds since the epoch: when it was accepted, or the attempt to connect began. */
  readonly startMicros?: number;
  /** Of the proxy's own: when TCP was there. */
  readonly connectedMicros?: number;
  /** The listener's name. */
  readonly listener?: string;
  /** The filter chain's name, where it has one. */
  readonly filterChain?: string;
}

/** Why a stream ended before its end. The words are those of Envoy's response details. */
export type ResetReason =
  | "connection termination" // the peer closed or reset the connection
  | "remote reset" // RST_STREAM
  | "local reset"
  | "protocol error" // the peer sent what is not HTTP
  | "remote refused stream reset"
  | "remote error with CONNECT request"
  | "overflow"; // a circuit breaker is open

export type PoolFailureReason =
  | "remote connection failure"
  | "connection timeout"
  | "overflow" // too many are waiting already
  | "active overflow"; // there was a connection, but too many requests are under way

/** Back-pressure in both roles: `encodeData` returns false above the high watermark; `onDrain` follows once it is below. */
export interface StreamReceiver {
  onData(chunk: Buffer, endStream: boolean): void;
  onTrailers(trailers: HeaderMap): void;
  /** The stream is over, no other call follows. */
  onReset(reason: ResetReason, details?: string): void;
  /** What was written is out again: carry on writing. */
  onDrain(): void;
}

// --- downstream: the client's side ---------------------------------------------------------------------------------------------

/** A request being answered, as its codec offers it. */
export interface DownstreamStream {
  readonly protocol: Protocol;
  readonly connection: ConnectionInfo;
  /** 1xx with `:status` (100, 102, 103). */
  encodeInformational(headers: HeaderMap): void;
  /** `headers` starts with `:status`. The codec adds framing (chunked or content-length stays as given), nothing else. */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  encodeData(chunk: Buffer, endStream: boolean): boolean;
  encodeTrailers(trailers: HeaderMap): void;
  /** After a 101, or a 200 to CONNECT: both directions are raw bytes in data calls from here on. */
  readonly isUpgraded: boolean;
  /** Cut it: HTTP/1 closes the connection, HTTP/2 sends RST_STREAM. */
  reset(reason: ResetReason): void;
  /** Finish this response, then close the connection (HTTP/1 adds `connection: close` where the headers lack it; HTTP/2 GOAWAY). */
  closeAfterResponse(): void;
  pauseReading(): void;
  resumeReading(): void;
}

/** What a listener's HTTP connections report to; implemented by the connection manager. */
export interface ServerConnectionCallbacks {
  /**
   * A whole request head has been read. `headers` has `:method`, `:path`, `:authority` (from Host or the absolute target; absent when
   * HTTP/1.0 sent none), then the client's lines in order with `host` taken out. Hop-by-hop lines are still there.
   */
  onRequest(stream: DownstreamStream, headers: HeaderMap, endStream: boolean): StreamReceiver;
  /**
   * A head the codec refuses before there is a stream (malformed, too large, no host): the codec answers and closes, and reports it here
   * for statistics and the access log.
   */
  onRefused(refusal: RequestRefusal, connection: ConnectionInfo): void;
  /** `Expect: 100-continue` has been answered. */
  onContinueSent?(): void;
  /** What to answer a refused head with; absent: `status` and `body` as they are. */
  answerRefusal?(refusal: RequestRefusal, connection: ConnectionInfo): RefusalAnswer;
  onConnectionOpened(connection: ConnectionInfo): void;
  onConnectionClosed(connection: ConnectionInfo): void;
}

export interface RequestRefusal {
  readonly status: number;
  readonly body: string;
  /** Envoy's %RESPONSE_CODE_DETAILS%, e.g. `http1.codec_error`. */
  readonly details: string;
  /** Absent: HTTP/1.1. */
  readonly protocol?: Protocol;
  readonly flag: ResponseFlag | undefined;
  /** Absent: it did not come to headers. */
  readonly headers?: HeaderMap;
}

export interface RefusalAnswer {
  /** `:status` first; without `connection`, and without a length where there is no body. */
  readonly headers: HeaderMap;
  readonly body: Buffer | undefined;
}

/** Limits and modes of the server codec, out of the HttpConnectionManager's config. */
export interface ServerCodecOptions {
  readonly codecType: "AUTO" | "HTTP1" | "HTTP2";
  /** Bytes; default 60 KiB. */
  readonly maxRequestHeadersBytes: number;
  /** Default 100. */
  readonly maxRequestHeadersCount: number;
  readonly acceptHttp10: boolean;
  readonly defaultHostForHttp10?: string;
  readonly allowAbsoluteUrl: boolean;
  /** The scheme of an absolute target has to be that of the connection. */
  readonly validatesScheme?: boolean;
  readonly enableTrailers: boolean;
  readonly properCaseResponse: boolean;
  /** `server` of the answers the codec gives by itself; default `envoy`. */
  readonly serverName?: string;
  /** An idle connection is drained after this; undefined: never. */
  readonly idleTimeoutMs?: number;
  /** Between the `connection: close` announcement (or GOAWAY) and the close; default 5000. */
  readonly drainTimeoutMs: number;
  /** Envoy's delayed_close_timeout: after the last byte, wait this long for the client to close first; default 1000. */
  readonly delayedCloseTimeoutMs: number;
  /** From the first byte of a head to its end (request_headers_timeout); undefined: none. */
  readonly requestHeadersTimeoutMs?: number;
  /** What is written but not sent above which `encodeData` returns false; default 1 MiB as Envoy's per_connection_buffer_limit_bytes. */
  readonly writeBufferHighWatermarkBytes: number;
  /** `Expect: 100-continue` is a matter between client and service, and 1xx answers pass; else the codec answers it, and they do not. */
  readonly proxy100Continue?: boolean;
  /** Two more limits that run from the first byte of a head: of the whole request, and of a request on which nothing happens. */
  readonly requestTimeoutMs?: number;
  /** Over HTTP/2 it also limits the wait for a client that has to read the rest of a response. Absent or 0: none. */
  readonly streamIdleTimeoutMs?: number;
  readonly http2?: Http2Limits;
}

// --- upstream: the service's side ------------------------------------------------------------------------------------------------

/** One request on an upstream connection. */
export interface UpstreamStream {
  readonly protocol: Protocol;
  readonly connection: ConnectionInfo;
  /** `headers` starts with `:method`, `:path`, `:authority`, `:scheme`. The codec adds framing only. */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  encodeData(chunk: Buffer, endStream: boolean): boolean;
  encodeTrailers(trailers: HeaderMap): void;
  reset(reason: ResetReason): void;
  pauseReading(): void;
  resumeReading(): void;
}

export interface UpstreamReceiver extends StreamReceiver {
  /** A connection is there; the answer may not come before the request's headers have been encoded. */
  onPoolReady(stream: UpstreamStream): void;
  onPoolFailure(reason: PoolFailureReason, details?: string): void;
  onInformational(headers: HeaderMap): void;
  /** `headers` starts with `:status`. A 101 after an upgrade request: data calls carry raw bytes from here on. */
  onHeaders(headers: HeaderMap, endStream: boolean): void;
}

export interface PoolOptions {
  readonly host: ConnectTarget;
  /** "ALPN": the endpoint chooses. */
  readonly protocol: "HTTP/1.1" | "HTTP/2" | "ALPN";
  readonly connectTimeoutMs: number;
  /** Idle upstream connections close after this; default one hour. */
  readonly idleTimeoutMs: number;
  readonly maxRequestsPerConnection?: number;
  /** Of it, `maxConcurrentStreams` holds even where the peer would take more. */
  readonly http2?: Http2Limits;
  readonly writeBufferHighWatermarkBytes: number;
  readonly enableTrailers: boolean;
  /** Bytes of a response head; Envoy's default is 80 KiB. */
  readonly maxResponseHeadersBytes: number;
  /** Absent: 100. */
  readonly maxResponseHeadersCount?: number;
}

/** Keep-alive connections to one endpoint, within the circuit breakers of its cluster. */
export interface ConnectionPool {
  /** Calls `onPoolReady` (at once when a connection is idle) or `onPoolFailure`, later the rest. The result cancels a wait that is still on. */
  newStream(receiver: UpstreamReceiver): { cancel(): void };
  readonly activeConnections: number;
  /** Streams waiting for a connection. */
  readonly pendingStreams: number;
  /** Lets running streams finish up to `graceMs`, then cuts. */
  close(graceMs: number): Promise<void>;
}
