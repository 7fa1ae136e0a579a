/** Requests that the proxy sends on its own account: copies, and questions to services. */
import type { LocalReply } from "../connection-manager/local-reply.ts";
import { RequestInfo } from "../connection-manager/request-info.ts";
import { isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { nowMicros } from "../time/clock.ts";
import type { SpanTagOptions } from "../tracing/finalize-span.ts";
import { nullSpan } from "../tracing/null-span.ts";
import type { Span } from "../tracing/tracer.ts";
import type { ForwardingStream } from "./forwarding-plan.ts";
import { plainTags } from "./plain-action.ts";

/** What they have in common; what becomes of the response is each one's own affair. */
export abstract class OwnStream implements ForwardingStream {
  readonly info: StreamInfo;
  readonly headers: HeaderMap;
  /** Attempts have none. */
  readonly span: Span = nullSpan;
  readonly spanTags: SpanTagOptions = plainTags;
  readonly spawnsUpstreamSpans = false;
  readonly upgrade = undefined;
  readonly internal = true;
  readonly random: number;
  readonly bufferLimitBytes: number;
  responseStarted = false;

  /** `original`: the request that it is made for. */
  constructor(
    original: Pick<ForwardingStream, "info" | "random" | "bufferLimitBytes">,
    headers: HeaderMap,
  ) {
    this.headers = headers;
    this.random = original.random;
    this.bufferLimitBytes = original.bufferLimitBytes;
    // Envoy calls the protocol of such requests HTTP/1.1, whatever the connections speak.
    this.info = new RequestInfo(original.info.connection, "HTTP/1.1", headers, nowMicros());
  }

  /** Whether it is a gRPC call, whose errors are answered with 200. */
  protected get isGrpc(): boolean {
    return isGrpcContentType(this.headers.get("content-type"));
  }

  abstract pauseReading(): void;
  abstract resumeReading(): void;
  abstract encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  abstract encodeData(chunk: Buffer, endStream: boolean): boolean;
  abstract encodeTrailers(trailers: HeaderMap): void;
  abstract sendLocalReply(reply: LocalReply): void;

  encodeInformational(): void {}
}
