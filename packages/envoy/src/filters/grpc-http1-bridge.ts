/**
 * Lets HTTP/1.1 clients call gRPC services: what stands in trailers, which they cannot read, becomes headers.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_http1_bridge_filter
 */
import type { GrpcHttp1Bridge } from "../config/filters/grpc-http1-bridge.ts";
import { grpcFrameHeader, grpcFrameHeaderBytes, isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type {
  FilterStream,
  HttpFilter,
  HttpFilterFactory,
  ResponseSink,
  Verdict,
} from "./filter.ts";
import { HeldResponse } from "./held-response.ts";
import { requestTooLarge } from "./payload-too-large.ts";

export function createGrpcHttp1Bridge(name: string, config: GrpcHttp1Bridge): HttpFilterFactory {
  return { name, create: (stream) => new GrpcHttp1BridgeFilter(stream, config) };
}

class GrpcHttp1BridgeFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #config: GrpcHttp1Bridge;
  #bridges = false;
  /** Bytes of the request's message; undefined: it has its frame already. */
  #messageBytes: number | undefined;

  constructor(stream: FilterStream, config: GrpcHttp1Bridge) {
    this.#stream = stream;
    this.#config = config;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): Verdict {
    const isUpgraded =
      this.#config.upgradeProtobufToGrpc &&
      headers.get("content-type") === "application/x-protobuf";
    if (isUpgraded) {
      headers.set("content-type", "application/grpc");
      headers.remove("content-length");
      this.#stream.clearRouteCache();
    }
    this.#bridges =
      this.#stream.info.protocol !== "HTTP/2" && isGrpcContentType(headers.get("content-type"));
    if (!this.#bridges) return "continue";
    if (this.#config.ignoreQueryParameters) removeQuery(headers);
    if (!isUpgraded) return "continue";
    this.#messageBytes = 0;
    return endStream ? "continue" : "stop";
  }

  decodeData(chunk: Buffer, endStream: boolean): Verdict {
    if (this.#messageBytes === undefined) return "continue";
    this.#messageBytes += chunk.length;
    // Envoy stops reading here and lets the client wait until a time limit ends it.
    if (this.#messageBytes > this.#stream.bufferLimitBytes) {
      this.#stream.sendLocalReply(requestTooLarge);
      return "stop";
    }
    if (!endStream) return "stop";
    this.#stream.prependHeld(grpcFrameHeader(this.#messageBytes));
    return "continue";
  }

  decodeTrailers(): Verdict {
    return "continue";
  }

  wrapResponse(next: ResponseSink): ResponseSink {
    const held = new HeldResponse(this.#stream, next);
    let frameBytes = 0;
    return {
      headers: (headers, endStream) => {
        if (!this.#bridges || endStream) next.headers(headers, endStream);
        else {
          held.start(headers);
          if (this.#messageBytes !== undefined) frameBytes = grpcFrameHeaderBytes;
        }
      },
      data: (chunk, endStream) => {
        if (!held.isHolding) return next.data(chunk, endStream);
        if (endStream) return held.release(chunk);
        const skipped = Math.min(frameBytes, chunk.length);
        frameBytes -= skipped;
        return held.add(chunk.subarray(skipped));
      },
      trailers: (trailers) => {
        if (held.headers !== undefined) tell(held.headers, trailers, held.bytes);
        held.release();
        next.trailers(trailers);
      },
    };
  }
}

/** An answer that failed is a 503 to a client that only looks at HTTP's status. */
function tell(headers: HeaderMap, trailers: HeaderMap, bodyBytes: number): void {
  const status = trailers.get("grpc-status");
  if (status !== undefined) {
    if (!/^\d+$/.test(status) || Number(status) !== 0) headers.set(":status", "503");
    headers.set("grpc-status", status);
  }
  const message = trailers.get("grpc-message");
  if (message !== undefined) headers.set("grpc-message", message);
  headers.set("content-length", String(bodyBytes));
}

function removeQuery(headers: HeaderMap): void {
  const path = headers.get(":path");
  if (path?.includes("?") === true) headers.set(":path", path.slice(0, path.indexOf("?")));
}
