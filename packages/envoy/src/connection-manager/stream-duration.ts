import { parseGrpcTimeoutMs } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { ForwardAction } from "../routing/route-entry.ts";

/**
 * How long a request may take, milliseconds; undefined: as long as it likes. The gRPC client's own deadline where the route heeds it, else
 * the route's limit, else the connection manager's.
 */
export function streamDurationMs(
  { maxStreamDuration: limits }: ForwardAction,
  headers: HeaderMap,
  ofManagerMs: number | undefined,
): number | undefined {
  const grpcMax = limits?.grpcTimeoutHeaderMaxMs;
  const asked = grpcMax === undefined ? undefined : parseGrpcTimeoutMs(headers.get("grpc-timeout"));
  if (grpcMax !== undefined && asked !== undefined) {
    const capped = grpcMax !== 0 ? Math.min(asked, grpcMax) : asked;
    const offset = limits?.grpcTimeoutHeaderOffsetMs ?? 0;
    return capped === 0 ? undefined : Math.max(0, capped - offset);
  }
  const ms = limits?.maxStreamDurationMs ?? ofManagerMs ?? 0;
  return ms === 0 ? undefined : ms;
}
