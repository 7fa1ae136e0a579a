/** grpc.health.v1. https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
import type { GrpcHealthCheck } from "../../config/health-check.ts";
import { HeaderMap } from "../../http/header-map.ts";
import type { ProbeResult } from "./probe.ts";
import { addConfiguredHeaders } from "./probe-headers.ts";
import type { ProbeExchange, ProbeResponse } from "./request-probe.ts";

/** Bytes before each message: one of flags, four of length. */
const prefixLength = 5;
const serving = 1;
const failed: ProbeResult = { kind: "unhealthy", retriable: false };

export function grpcExchange(
  config: GrpcHealthCheck,
  host: string,
  timeoutMs: number,
): ProbeExchange {
  const body = encodeRequest(config.serviceName ?? "");
  return {
    headers() {
      const headers = new HeaderMap([
        ":method",
        "POST",
        ":path",
        "/grpc.health.v1.Health/Check",
        ":authority",
        host,
        ":scheme",
        "http",
        "te",
        "trailers",
        "content-type",
        "application/grpc",
        "user-agent",
        "Envoy/HC",
      ]);
      addConfiguredHeaders(headers, config.initialMetadata);
      headers.set("grpc-timeout", `${timeoutMs}m`);
      return headers;
    },
    body,
    judge,
  };
}

function judge({ headers, body, trailers }: ProbeResponse): ProbeResult {
  const status = (trailers ?? headers).get("grpc-status");
  if (headers.get(":status") !== "200" || status !== "0") return failed;
  return readServingStatus(body) === serving ? { kind: "healthy", degraded: false } : failed;
}

/** HealthCheckRequest { string service = 1; } */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** HealthCheckResponse { ServingStatus status = 1; }; undefined: the message is not one. */
export function readServingStatus(body: Buffer): number | undefined {
  if (body.length < prefixLength || body[0] !== 0) return undefined;
  const length = body.readUInt32BE(1);
  if (body.length !== prefixLength + length) return undefined;
  let status = 0;
  for (let at = prefixLength; at < body.length; ) {
    // Other fields than a small enumeration are of no message that is known.
    if (body[at] !== 0x08 || at + 1 >= body.length) return undefined;
    status = body[at + 1] as number;
    at += 2;
  }
  return status;
}
