import type { HeaderMap } from "../http/header-map.ts";

/** Whether a message is gRPC by its content type: `application/grpc`, alone or with `+proto` and the like. */
export function isGrpc(headers: HeaderMap): boolean {
  const type = headers.get("content-type");
  if (type === undefined || !type.startsWith("application/grpc")) return false;
  return type.length === 16 || type[16] === "+";
}

/** Statuses that put the blame on the server's side. https://github.com/envoyproxy/envoy/issues/18877 */
const serverFaults = new Set(["2", "4", "8", "12", "13", "14", "15"]);

export function isGrpcServerFault(status: string): boolean {
  return serverFaults.has(status);
}
