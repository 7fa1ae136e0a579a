import { httpToGrpcStatus } from "../http/grpc.ts";
import type { StreamInfo } from "../http/stream-info.ts";

/** In the order of their numbers. https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const names = [
  "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
  "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss",
  "Unauthenticated",
] as const; // biome-ignore format: a table

/** What stands for a status that is no number. */
const invalidCode = -1;

/** From trailers, else from headers (a trailers-only answer), else what the HTTP status stands for. */
export function grpcStatusOf(info: StreamInfo): number | undefined {
  const text =
    info.responseTrailers?.get("grpc-status") ?? info.responseHeaders?.get("grpc-status");
  if (text !== undefined && text !== "") return /^\+?\d+$/.test(text) ? Number(text) : invalidCode;
  return info.responseCode === undefined ? undefined : httpToGrpcStatus(info.responseCode);
}

/** `DeadlineExceeded`, or as `DEADLINE_EXCEEDED`. */
export function grpcStatusName(status: number, snake: boolean): string | undefined {
  const name = names[status];
  if (name === undefined || !snake) return name;
  // absl writes this one with two l.
  if (name === "Canceled") return "CANCELLED";
  return name === "OK" ? name : name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
