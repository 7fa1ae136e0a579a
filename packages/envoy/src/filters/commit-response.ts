/** The head of the response the client gets. */
import { grpcToHttpStatus, isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { countUpstreamStatus } from "./count-upstream-status.ts";
import type { ForwardingPlan, ForwardingStream } from "./forwarding-plan.ts";
import { addAttemptCount } from "./forwarding-replies.ts";

export interface CommittedResponse {
  readonly headers: HeaderMap;
  readonly status: number;
  /** The try it came of, counted from 1. */
  readonly attempts: number;
  /** Milliseconds since the whole request was there; undefined: it is not yet, or nobody is to know. */
  readonly serviceTimeMs: number | undefined;
}

/** Counts it and puts the proxy's and the route's headers in. */
export function commitResponse(
  stream: ForwardingStream,
  plan: ForwardingPlan,
  { headers, status, attempts, serviceTimeMs }: CommittedResponse,
): void {
  const { info } = stream;
  const { entry, action } = plan;
  if (serviceTimeMs !== undefined && (status !== 101 || !stream.headers.has("upgrade")))
    headers.set("x-envoy-upstream-service-time", String(Math.max(0, Math.floor(serviceTimeMs))));
  // Requests of the proxy's own count by HTTP's status alone.
  const isGrpc = entry !== undefined && isGrpcContentType(stream.headers.get("content-type"));
  countUpstreamStatus(stream, plan, isGrpc ? statusOfGrpc(headers, status) : status);
  info.responseCode = status;
  info.responseCodeDetails = "via_upstream";
  info.responseHeaders = headers;
  entry?.changeResponseHeaders(headers, info);
  addAttemptCount(headers, action, attempts);
}

/** Trailers-only gRPC answers count by their grpc-status. */
function statusOfGrpc(headers: HeaderMap, status: number): number {
  const grpc = headers.get("grpc-status");
  return grpc === undefined ? status : grpcToHttpStatus(Number(grpc));
}
