/** What Envoy says about a request on its spans, set when it is over. The order of the calls is the order of OpenTelemetry's attributes. */
import type { HeaderMap } from "../http/header-map.ts";
import { type ResponseFlags, responseFlagsText } from "../http/response-flags.ts";
import type { StreamInfo, UpstreamInfo, UpstreamTiming } from "../http/stream-info.ts";
import type { CompiledTag } from "./custom-tags.ts";
import { isGrpc, isGrpcServerFault } from "./grpc.ts";
import { headerText } from "./header-text.ts";
import type { Span } from "./tracer.ts";

export interface SpanTagOptions {
  /** Of the connection manager and the route together. */
  readonly customTags: readonly CompiledTag[];
  /** Bytes of the path in http.url; default 256. */
  readonly maxPathTagLength: number;
  readonly verbose: boolean;
  /** tracing.upstream_operation, compiled: names upstream spans unless it comes out empty. */
  readonly upstreamOperation?: (info: StreamInfo) => string;
}

/** One try at an endpoint, as the router knows it when the try is over. */
export interface UpstreamAttempt {
  readonly upstream: UpstreamInfo;
  readonly responseCode: number | undefined;
  /** The attempt's own, not the request's. */
  readonly flags: ResponseFlags;
  /** How many attempts came before it. */
  readonly retryCount: number;
  /** Given up by the proxy: a retry took its place, or time ran out. */
  readonly canceled: boolean;
  /** Words of the reset or pool failure, where there was one. */
  readonly resetReason: string | undefined;
  /** Nothing followed the response's headers. */
  readonly headersOnly: boolean;
}

export const defaultMaxPathTagLength = 256;

/** Tags the span of the request and reports it. */
export function finalizeDownstreamSpan(
  span: Span,
  info: StreamInfo,
  options: SpanTagOptions,
): void {
  if (!span.isRecording) return;
  const headers = info.requestHeaders;
  tagIfPresent(span, "guid:x-request-id", headers.get("x-request-id"));
  span.setTag("http.url", headerText(requestUrl(headers, options.maxPathTagLength)));
  span.setTag("http.method", headers.get(":method") ?? "");
  const caller = headers.get("x-envoy-downstream-service-cluster");
  span.setTag("downstream_cluster", headerText(caller ?? "-"));
  span.setTag("user_agent", headerText(headers.get("user-agent") ?? "-"));
  span.setTag("http.protocol", info.protocol ?? "-");
  span.setTag("peer.address", info.connection.remoteAddress);
  tagIfPresent(span, "guid:x-client-trace-id", headers.get("x-client-trace-id"));
  if (isGrpc(headers)) tagGrpcRequest(span, headers);
  span.setTag("request_size", String(info.bytesReceived));
  span.setTag("response_size", String(info.bytesSent));
  const { upstream } = info;
  tagCommon(span, upstream, info.responseCode, info.flags);
  if (options.verbose) annotateDownstream(span, info);
  tagCustom(span, info, options.customTags);
  const { responseHeaders, responseTrailers } = info;
  if (responseHeaders !== undefined) tagGrpcResponse(span, responseHeaders);
  if (responseTrailers !== undefined) tagGrpcResponse(span, responseTrailers);
  span.finish(info.endTimeMicros ?? info.startTimeMicros);
}

/** Tags the span of one attempt and reports it. */
export function finalizeUpstreamSpan(
  span: Span,
  info: StreamInfo,
  attempt: UpstreamAttempt,
  options: SpanTagOptions,
  endTimeMicros: number,
): void {
  if (!span.isRecording) return;
  const { upstream, resetReason } = attempt;
  const { upstreamOperation, customTags } = options;
  const isCustom = upstreamOperation !== undefined || customTags.length > 0;
  const known = isCustom ? infoOfAttempt(info, attempt) : info;
  const operation = upstreamOperation?.(known) ?? "";
  if (operation !== "") span.setOperation(operation);
  if (attempt.retryCount > 0) span.setTag("retry.count", String(attempt.retryCount));
  if (attempt.canceled) span.setTag("canceled", "true");
  if (resetReason !== undefined) {
    span.setTag("error", "true");
    span.setTag("error.reason", resetReason);
  }
  span.setTag("http.protocol", upstream.protocol ?? "-");
  if (upstream.host !== undefined) {
    const { address, port } = upstream.host;
    const peer = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    span.setTag("upstream_address", peer);
    span.setTag("peer.address", peer);
  }
  tagCommon(span, upstream, attempt.responseCode, attempt.flags);
  if (options.verbose) annotateUpstream(span, upstream.timing);
  tagCustom(span, known, customTags);
  span.finish(endTimeMicros);
}

/** For the attempt's name and tags Envoy has no trailers, and no headers that ended the response. */
function infoOfAttempt(info: StreamInfo, { upstream, headersOnly }: UpstreamAttempt): StreamInfo {
  const { responseTrailers: _, responseHeaders, ...known } = info;
  return { ...known, upstream, ...(!headersOnly && responseHeaders && { responseHeaders }) };
}

function tagCommon(
  span: Span,
  upstream: UpstreamInfo | undefined,
  responseCode: number | undefined,
  flags: ResponseFlags,
): void {
  span.setTag("component", "proxy");
  if (upstream !== undefined) {
    const { cluster, clusterStatName = cluster } = upstream;
    span.setTag("upstream_cluster", cluster);
    span.setTag("upstream_cluster.name", clusterStatName);
  }
  span.setTag("http.status_code", String(responseCode ?? 0));
  span.setTag("response_flags", responseFlagsText(flags) ?? "-");
  if (responseCode === undefined || responseCode === 0 || responseCode >= 500)
    span.setTag("error", "true");
}

function tagGrpcRequest(span: Span, headers: HeaderMap): void {
  tagIfPresent(span, "grpc.path", headers.get(":path"));
  tagIfPresent(span, "grpc.authority", headers.get(":authority"));
  tagIfPresent(span, "grpc.content_type", headers.get("content-type"));
  tagIfPresent(span, "grpc.timeout", headers.get("grpc-timeout"));
}

/** Of headers or trailers. An attempt's span has them as they came, before any rule of a route. */
export function tagGrpcResponse(span: Span, source: HeaderMap): void {
  const status = source.get("grpc-status");
  if (status === undefined) return;
  span.setTag("grpc.status_code", headerText(status));
  tagIfPresent(span, "grpc.message", source.get("grpc-message"));
  if (isGrpcServerFault(status)) span.setTag("error", "true");
}

function tagCustom(span: Span, info: StreamInfo, tags: readonly CompiledTag[]): void {
  for (const tag of tags) {
    const value = tag.value(info);
    if (value !== undefined && value !== "") span.setTag(tag.tag, value);
  }
}

function tagIfPresent(span: Span, key: string, value: string | undefined): void {
  if (value !== undefined) span.setTag(key, headerText(value));
}

/** As the client sees it: the path before rewrites, but the host the upstream gets. */
function requestUrl(headers: HeaderMap, maxPathLength: number): string {
  const path = headers.get("x-envoy-original-path") ?? headers.get(":path") ?? "";
  const forwarded = headers.get("x-forwarded-proto") ?? "";
  // What is no HTTP scheme is passed on but not believed.
  const scheme = /^https?$/i.test(forwarded) ? forwarded.toLowerCase() : "http";
  return `${scheme}://${headers.get(":authority") ?? ""}${path.slice(0, maxPathLength)}`;
}

function annotateDownstream(span: Span, info: StreamInfo): void {
  logAt(span, info.lastDownstreamRxByteReceived, "last_downstream_rx_byte_received");
  if (info.upstream !== undefined) annotateUpstream(span, info.upstream.timing);
  logAt(span, info.firstDownstreamTxByteSent, "first_downstream_tx_byte_sent");
  logAt(span, info.lastDownstreamTxByteSent, "last_downstream_tx_byte_sent");
}

function annotateUpstream(span: Span, timing: UpstreamTiming): void {
  logAt(span, timing.firstUpstreamTxByteSent, "first_upstream_tx_byte_sent");
  logAt(span, timing.lastUpstreamTxByteSent, "last_upstream_tx_byte_sent");
  logAt(span, timing.firstUpstreamRxByteReceived, "first_upstream_rx_byte_received");
  logAt(span, timing.lastUpstreamRxByteReceived, "last_upstream_rx_byte_received");
}

function logAt(span: Span, timestampMicros: number | undefined, event: string): void {
  if (timestampMicros !== undefined) span.log(timestampMicros, event);
}
