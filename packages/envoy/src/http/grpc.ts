/** gRPC over HTTP/2 as far as a proxy has to understand it. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
import type { HeaderMap } from "./header-map.ts";

/** `application/grpc`, alone or with a message format such as `+proto`. */
export function isGrpcContentType(contentType: string | undefined): boolean {
  if (contentType === undefined || !contentType.startsWith("application/grpc")) return false;
  return contentType.length === 16 || contentType[16] === "+" || contentType[16] === ";";
}

/** Before each message: a flag for compression and the length. */
export const grpcFrameHeaderBytes = 5;

/** Of a message that is not compressed. */
export function grpcFrameHeader(messageBytes: number): Buffer {
  const header = Buffer.alloc(grpcFrameHeaderBytes);
  header.writeUInt32BE(messageBytes, 1);
  return header;
}

export const grpcStatus = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
export function httpToGrpcStatus(status: number): number {
  switch (status) {
    case 400:
      return grpcStatus.internal;
    case 401:
      return grpcStatus.unauthenticated;
    case 403:
      return grpcStatus.permissionDenied;
    case 404:
      return grpcStatus.unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return grpcStatus.unavailable;
    default:
      return grpcStatus.unknown;
  }
}

/** What a grpc-status counts as where an HTTP status is wanted (statistics, retries). */
export function grpcToHttpStatus(status: number): number {
  switch (status) {
    case 0:
      return 200;
    case 1:
      return 499;
    case 3:
    case 9:
    case 11:
      return 400;
    case 4:
      return 504;
    case 5:
      return 404;
    case 6:
    case 10:
      return 409;
    case 7:
      return 403;
    case 8:
      return 429;
    case 12:
      return 501;
    case 14:
      return 503;
    case 16:
      return 401;
    default:
      return 500;
  }
}

const timeoutUnitsMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000001,
};

/** The grpc-timeout header in milliseconds, rounded up; undefined when absent or malformed. */
export function parseGrpcTimeoutMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d{1,8})([HMSmun])$/.exec(value);
  if (match === null) return undefined;
  return Math.ceil(Number(match[1]) * (timeoutUnitsMs[match[2] as string] as number));
}

/** The largest unit that loses nothing, as Envoy writes it. */
export function formatGrpcTimeout(timeoutMs: number): string {
  const max = 99_999_999;
  if (timeoutMs <= max) return `${timeoutMs}m`;
  if (timeoutMs / 1000 <= max) return `${Math.floor(timeoutMs / 1000)}S`;
  return `${Math.min(max, Math.floor(timeoutMs / 60_000))}M`;
}

/** Percent-encoding of grpc-message: all but printable ASCII without `%`, and `~` as Envoy does. */
export function encodeGrpcMessage(message: string | Buffer): string {
  let encoded = "";
  for (const byte of Buffer.from(message)) {
    encoded +=
      byte >= 0x20 && byte < 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** A CONNECT, which has no path, is none. */
export function isGrpcRequest(headers: HeaderMap): boolean {
  return headers.has(":path") && isGrpcContentType(headers.get("content-type"));
}
