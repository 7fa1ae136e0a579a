import type { StreamInfo } from "../http/stream-info.ts";

/** In the order of their numbers. https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const names = [
  "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
  "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss",
  "Unauthenticated",
] as const; // biome-ignore format: a table

/** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
const fromHttp: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
]);

/** From trailers, else from headers (a trailers-only answer), else what the HTTP status stands for. */
export function grpcStatusOf(info: StreamInfo): number | undefined {
  const text =
    info.responseTrailers?.get("grpc-status") ?? info.responseHeaders?.get("grpc-status");
  if (text !== undefined) return /^\d+$/.test(text) ? Number(text) : undefined;
  return info.responseCode === undefined ? undefined : (fromHttp.get(info.responseCode) ?? 2);
}

/** `DeadlineExceeded`, or as `DEADLINE_EXCEEDED`. */
export function grpcStatusName(status: number, snake: boolean): string | undefined {
  const name = names[status];
  if (name === undefined || !snake) return name;
  // absl writes this one with two l.
  if (name === "Canceled") return "CANCELLED";
  return name === "OK" ? name : name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
