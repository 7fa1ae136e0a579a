/** Operators on the connection, the upstream and the outcome. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { responseFlagsText } from "../http/response-flags.ts";
import type { StreamInfo, UpstreamInfo } from "../http/stream-info.ts";
import { accessLogType } from "./access-log-type.ts";
import { networkOf } from "./address-network.ts";
import type { Operator } from "./formatter.ts";
import type { OperatorDefinition } from "./operators.ts";
import { longResponseFlags } from "./response-flag-names.ts";

function plain(operator: Operator): OperatorDefinition {
  return { parameters: "none", lengthAllowed: false, compile: () => operator };
}

/** `1.2.3.4:80`, `[::1]:80`. */
function endpoint(address: string | undefined, port: number | undefined): string | undefined {
  if (address === undefined || port === undefined) return undefined;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** An address; with a number between the parentheses the network it is in. */
function masked(address: (info: StreamInfo) => string | undefined): OperatorDefinition {
  return {
    parameters: "optional",
    lengthAllowed: false,
    compile(text) {
      if (!/^[+-]?\d+$/.test(text)) return address;
      const length = Number(text);
      return (info) => {
        const whole = address(info);
        return whole === undefined ? undefined : networkOf(whole, length);
      };
    },
  };
}

const orMissing = (text: string | undefined): string | undefined =>
  text === "" ? undefined : text;
const underscored = (text: string | undefined): string | undefined =>
  orMissing(text?.replace(/\s/g, "_"));
const host = (info: StreamInfo) => info.upstream?.host;
const upstreamHost = (info: StreamInfo): string | undefined =>
  endpoint(host(info)?.address, host(info)?.port);

/** For what is measured on the wire, and details of TLS that the runtime does not tell: never known here. */
const missing: Operator = () => undefined;

const alwaysMissing = [
  "DOWNSTREAM_HANDSHAKE_DURATION", "ROUNDTRIP_DURATION",
  "UPSTREAM_WIRE_BYTES_RECEIVED", "UPSTREAM_WIRE_BYTES_SENT", "UPSTREAM_HEADER_BYTES_RECEIVED", "UPSTREAM_HEADER_BYTES_SENT",
  "DOWNSTREAM_WIRE_BYTES_RECEIVED", "DOWNSTREAM_WIRE_BYTES_SENT", "DOWNSTREAM_HEADER_BYTES_RECEIVED",
  "DOWNSTREAM_HEADER_BYTES_SENT", "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
  "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
  "CONNECTION_TERMINATION_DETAILS", "UPSTREAM_TLS_SESSION_ID",
 
 
  "UPSTREAM_LOCAL_CLOSE_REASON",
  "VIRTUAL_CLUSTER_NAME",
 
  "DOWNSTREAM_PEER_OTHERNAME_SAN",
  "DOWNSTREAM_LOCAL_OTHERNAME_SAN",
  "DOWNSTREAM_TLS_SESSION_ID",
  "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256",
  "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1", "DOWNSTREAM_PEER_CHAIN_SERIALS",
  "DOWNSTREAM_LOCAL_CLOSE_REASON",
  "TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT",
]; // biome-ignore format: a table

/** The tries that had a connection, the first one first. */
function attempted(describe: (upstream: UpstreamInfo) => string | undefined): OperatorDefinition {
  return plain((info) => {
    const words: (string | undefined)[] = [];
    for (let one = info.upstream; one !== undefined; one = one.previous)
      if (one.connection !== undefined) words.unshift(describe(one));
    return orMissing(words.join(","));
  });
}

/** The same with parameters. */
const alwaysMissingWithParameters = [
  "DOWNSTREAM_PEER_CERT_V_START", "DOWNSTREAM_PEER_CERT_V_END", "UPSTREAM_PEER_CERT_V_START",
  "UPSTREAM_PEER_CERT_V_END",
]; // biome-ignore format: a table

export const streamOperators: Readonly<Record<string, OperatorDefinition>> = {
  ...Object.fromEntries(alwaysMissing.map((name) => [name, plain(missing)])),
  ...Object.fromEntries(
    alwaysMissingWithParameters.map((name) => [
      name,
      { parameters: "optional", lengthAllowed: false, compile: () => missing } as const,
    ]),
  ),
  PROTOCOL: plain((info) => info.protocol),
  UPSTREAM_PROTOCOL: plain((info) => info.upstream?.protocol),
  RESPONSE_CODE: plain((info) => info.responseCode ?? 0),
  RESPONSE_CODE_DETAILS: {
    parameters: "optional",
    lengthAllowed: false,
    compile: (text) =>
      text === "ALLOW_WHITESPACES"
        ? (info) => info.responseCodeDetails
        : (info) => underscored(info.responseCodeDetails),
  },
  RESPONSE_FLAGS: plain((info) => responseFlagsText(info.flags) ?? "-"),
  RESPONSE_FLAGS_LONG: plain((info) => longResponseFlags(info.flags) ?? "-"),
  BYTES_RECEIVED: plain((info) => info.bytesReceived),
  BYTES_SENT: plain((info) => info.bytesSent),
  LISTENER_NAME: plain((info) => orMissing(info.connection.listener)),
  // Asked of the kernel for QUIC only.
  DOWNSTREAM_CX_RTT: plain(() => 0),
  CONNECTION_ID: plain((info) => info.connection.id),
  ROUTE_NAME: plain((info) => orMissing(info.routeName)),
  STREAM_ID: plain((info) => info.requestHeaders.get("x-request-id")),
  UNIQUE_ID: plain(() => randomUUID()),
  HOSTNAME: plain(() => hostname()),
  TRACE_ID: plain((info) => info.traceId),
  SPAN_ID: plain((info) => info.spanId),
  LOCAL_REPLY_BODY: { ...plain((info) => info.localReplyBody ?? ""), yieldsBytes: true },
  ACCESS_LOG_TYPE: plain(accessLogType),
  CUSTOM_FLAGS: plain(() => ""),
  DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID: plain(() => ""),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID: plain(() => ""),
  UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID: plain((info) =>
    info.upstream?.connection === undefined ? undefined : "",
  ),
  // No TCP statistics are taken; without them Envoy says 0 as well.
  BYTES_RETRANSMITTED: plain(() => 0),
  PACKETS_RETRANSMITTED: plain(() => 0),

  UPSTREAM_HOSTS_ATTEMPTED: attempted(({ host: one }) => endpoint(one?.address, one?.port)),
  UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT: attempted(({ host: one }) => one?.address),
  UPSTREAM_HOST_NAMES_ATTEMPTED: attempted(
    ({ host: one }) => orMissing(one?.hostname) ?? endpoint(one?.address, one?.port),
  ),
  UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT: attempted(
    ({ host: one }) => orMissing(one?.hostname) ?? one?.address,
  ),
  UPSTREAM_CONNECTION_IDS_ATTEMPTED: attempted(({ connection }) => String(connection?.id)),
  UPSTREAM_DETECTED_CLOSE_TYPE: plain((info) => (host(info) === undefined ? undefined : "Normal")),
  DOWNSTREAM_DETECTED_CLOSE_TYPE: plain(() => "Normal"),
  UPSTREAM_CLUSTER: plain((info) => info.upstream?.cluster),
  UPSTREAM_CLUSTER_RAW: plain((info) => info.upstream?.cluster),
  UPSTREAM_HOST: plain(upstreamHost),
  UPSTREAM_HOST_NAME: plain((info) => orMissing(host(info)?.hostname) ?? upstreamHost(info)),
  UPSTREAM_HOST_NAME_WITHOUT_PORT: plain(
    (info) => orMissing(host(info)?.hostname) ?? host(info)?.address,
  ),
  UPSTREAM_CONNECTION_ID: plain((info) => info.upstream?.connection?.id ?? 0),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: plain((info) => info.upstream?.attemptCount ?? 0),
  UPSTREAM_TRANSPORT_FAILURE_REASON: plain((info) =>
    underscored(info.upstream?.transportFailureReason),
  ),
  UPSTREAM_LOCAL_ADDRESS: plain(({ upstream }) =>
    endpoint(upstream?.connection?.localAddress, upstream?.connection?.localPort),
  ),
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: masked((info) => info.upstream?.connection?.localAddress),
  UPSTREAM_LOCAL_PORT: plain((info) => info.upstream?.connection?.localPort),
  UPSTREAM_REMOTE_ADDRESS: plain(({ upstream }) =>
    endpoint(upstream?.connection?.remoteAddress, upstream?.connection?.remotePort),
  ),
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: masked((info) => info.upstream?.connection?.remoteAddress),
  UPSTREAM_REMOTE_PORT: plain((info) => info.upstream?.connection?.remotePort),

  DOWNSTREAM_LOCAL_ADDRESS: plain(({ connection }) =>
    endpoint(connection.localAddress, connection.localPort),
  ),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: masked((info) => info.connection.localAddress),
  DOWNSTREAM_LOCAL_PORT: plain((info) => info.connection.localPort),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS: plain(({ connection }) =>
    endpoint(connection.localAddress, connection.localPort),
  ),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT: masked((info) => info.connection.localAddress),
  DOWNSTREAM_DIRECT_LOCAL_PORT: plain((info) => info.connection.localPort),
  DOWNSTREAM_REMOTE_ADDRESS: plain(({ downstreamRemoteAddress }) =>
    endpoint(downstreamRemoteAddress.address, downstreamRemoteAddress.port),
  ),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: masked((info) => info.downstreamRemoteAddress.address),
  DOWNSTREAM_REMOTE_PORT: plain((info) => info.downstreamRemoteAddress.port),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: plain(({ connection }) =>
    endpoint(connection.remoteAddress, connection.remotePort),
  ),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: masked((info) => info.connection.remoteAddress),
  DOWNSTREAM_DIRECT_REMOTE_PORT: plain((info) => info.connection.remotePort),
};
