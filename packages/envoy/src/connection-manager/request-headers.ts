/**
 * What is done to a request's headers before anything looks at them: who sent it, and what may that sender say.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers and .../header_sanitizing
 */
import type { HttpConnectionManager } from "../config/http-connection-manager.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { ConnectionInfo } from "../http/stream.ts";
import type { RequestIdExtension } from "../request-id/uuid-request-id.ts";
import {
  type ClientCertificateRules,
  clientCertificateHeader,
  noDetails,
  tellClientCertificate,
} from "./client-certificate.ts";
import { appendForwarded, lastForwardedAddress } from "./forwarded-for.ts";
import { compileInternalAddresses, isLoopback } from "./ip-address.ts";

export interface RequestHeaderRules {
  readonly useRemoteAddress: boolean;
  readonly trustedHops: number;
  readonly skipXffAppend: boolean;
  readonly appendXForwardedPort: boolean;
  readonly isInternalAddress: (address: string) => boolean;
  /** Node cluster and id, where the connection manager adds the user agent. */
  readonly userAgent: { readonly cluster: string; readonly node: string } | undefined;
  readonly via: string;
  /** Undefined: no ids are made. */
  readonly requestId: RequestIdExtension | undefined;
  readonly preserveExternalRequestId: boolean;
  /** Stands in x-forwarded-for for a loopback peer. */
  readonly machineAddress: string;
  readonly clientCertificate: ClientCertificateRules;
}

export interface RequestOrigin {
  readonly internal: boolean;
  /** The client's address as far as it can be trusted. */
  readonly remoteAddress: string;
  /** It came out of x-forwarded-for, so no port is known. */
  readonly forwarded: boolean;
}

export function compileRequestHeaderRules(
  config: HttpConnectionManager,
  node: { readonly cluster: string; readonly id: string },
  machineAddress: string,
  requestId: RequestIdExtension,
): RequestHeaderRules {
  return {
    useRemoteAddress: config.useRemoteAddress ?? false,
    trustedHops: config.xffNumTrustedHops ?? 0,
    skipXffAppend: config.skipXffAppend,
    appendXForwardedPort: config.appendXForwardedPort,
    isInternalAddress: compileInternalAddresses(config.internalAddressConfig),
    userAgent: config.addUserAgent === true ? { cluster: node.cluster, node: node.id } : undefined,
    via: config.via ?? "",
    requestId: config.generateRequestId === false ? undefined : requestId,
    preserveExternalRequestId: config.preserveExternalRequestId,
    machineAddress,
    clientCertificate: {
      forward: config.forwardClientCertDetails ?? "SANITIZE",
      details: config.setCurrentClientCertDetails ?? noDetails,
    },
  };
}

/** Only a caller inside may steer the proxy with these. */
const internalOnly: readonly string[] = [
  "x-envoy-retriable-status-codes",
  "x-envoy-retriable-header-names",
  "x-envoy-retry-on",
  "x-envoy-retry-grpc-on",
  "x-envoy-max-retries",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-rq-timeout-ms",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-force-trace",
  "x-envoy-ip-tags",
  "x-envoy-original-url",
  "x-envoy-hedge-on-per-try-timeout",
];

/** And of these nothing comes in over the edge. */
const edgeOnly: readonly string[] = [
  "x-envoy-decorator-operation",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-original-path",
  "x-envoy-original-host",
];

const colon = 0x3a;

/** One pass over the lines instead of a search for each name. */
const hopByHop: ReadonlySet<string> = new Set([
  "x-envoy-internal",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
]);
const external: ReadonlySet<string> = new Set([...hopByHop, ...internalOnly]);
const edge: ReadonlySet<string> = new Set([...external, ...edgeOnly]);
const removed = { hopByHop, external, edge };
/** The same for connection managers that let nothing be said about client certificates, as most do. */
const sanitised = {
  hopByHop: new Set([...hopByHop, clientCertificateHeader]),
  external: new Set([...external, clientCertificateHeader]),
  edge: new Set([...edge, clientCertificateHeader]),
};

export function prepareRequestHeaders(
  headers: HeaderMap,
  connection: ConnectionInfo,
  rules: RequestHeaderRules,
  upgrade: string | undefined,
): RequestOrigin {
  const origin = determineOrigin(headers, connection, rules);
  const isEdge = !origin.internal && rules.useRemoteAddress;
  const sanitises = rules.clientCertificate.forward === "SANITIZE";
  const names = sanitises ? sanitised : removed;
  headers.removeAll(origin.internal ? names.hopByHop : isEdge ? names.edge : names.external);
  if (upgrade === undefined) {
    headers.remove("connection");
    headers.remove("upgrade");
  }
  sanitiseTe(headers);
  const transportScheme = connection.tls === undefined ? "http" : "https";
  if (rules.useRemoteAddress) {
    forwardAddress(headers, connection, rules);
    if (rules.trustedHops === 0) headers.set("x-forwarded-proto", transportScheme);
  }
  if (!headers.has("x-forwarded-proto")) headers.add("x-forwarded-proto", transportScheme);
  if (rules.appendXForwardedPort) forwardPort(headers, connection, rules);
  setScheme(headers, transportScheme);
  if (!sanitises) tellClientCertificate(headers, connection, rules.clientCertificate);
  if (origin.internal) headers.set("x-envoy-internal", "true");
  if (rules.userAgent !== undefined) addUserAgent(headers, rules.userAgent);
  if (rules.via !== "") appendVia(headers, rules.via);
  if (isEdge) headers.set("x-envoy-external-address", origin.remoteAddress);
  rules.requestId?.ensure(headers, isEdge, rules.preserveExternalRequestId);
  return origin;
}

/**
 * HTTP/1 says nothing about the scheme: it is what x-forwarded-proto says. The pseudo headers then stand as Envoy's HTTP/1 codec leaves
 * them, which an HTTP/2 upstream gets to see.
 */
function setScheme(headers: HeaderMap, transportScheme: string): void {
  const { lines } = headers;
  const given = headers.get(":scheme");
  if (given !== undefined) {
    if (!isHttpScheme(given)) headers.set(":scheme", forwardedScheme(headers, transportScheme));
    return;
  }
  let pseudo = 0;
  while (lines[2 * pseudo]?.charCodeAt(0) === colon) pseudo++;
  if (lines[0] === ":method" && lines[4] === ":authority") {
    const [, method = "", , , , authority = ""] = lines;
    lines[0] = ":authority";
    lines[1] = authority;
    lines[4] = ":method";
    lines[5] = method;
  }
  headers.insert(pseudo, ":scheme", forwardedScheme(headers, transportScheme));
}

function forwardedScheme(headers: HeaderMap, otherwise: string): string {
  const forwarded = headers.get("x-forwarded-proto")?.toLowerCase() ?? "";
  return isHttpScheme(forwarded) ? forwarded : otherwise;
}

function isHttpScheme(scheme: string): boolean {
  return scheme === "https" || scheme === "http";
}

function determineOrigin(
  headers: HeaderMap,
  connection: ConnectionInfo,
  rules: RequestHeaderRules,
): RequestOrigin {
  const forwardedFor = headers.get("x-forwarded-for");
  const peer = connection.remoteAddress;
  if (!rules.useRemoteAddress) {
    const last = lastForwardedAddress(forwardedFor, rules.trustedHops);
    if (last === undefined) return { internal: false, remoteAddress: peer, forwarded: false };
    const internal = last.single && rules.isInternalAddress(last.address);
    return { internal, remoteAddress: last.address, forwarded: true };
  }
  const trusted =
    rules.trustedHops > 0 ? lastForwardedAddress(forwardedFor, rules.trustedHops - 1) : undefined;
  const remoteAddress = trusted?.address ?? peer;
  const internal = forwardedFor === undefined && rules.isInternalAddress(remoteAddress);
  return { internal, remoteAddress, forwarded: trusted !== undefined };
}

function forwardAddress(
  headers: HeaderMap,
  connection: ConnectionInfo,
  rules: RequestHeaderRules,
): void {
  if (!rules.skipXffAppend) {
    const peer = connection.remoteAddress;
    const address = isLoopback(peer) ? rules.machineAddress : peer;
    headers.set("x-forwarded-for", appendForwarded(headers.get("x-forwarded-for"), address));
  }
}

/** What the client says of it counts unless this is the edge. */
function forwardPort(
  headers: HeaderMap,
  connection: ConnectionInfo,
  rules: RequestHeaderRules,
): void {
  const replaces = rules.useRemoteAddress && rules.trustedHops === 0;
  if (replaces || !headers.has("x-forwarded-port"))
    headers.set("x-forwarded-port", String(connection.localPort));
}

/** TE is between two neighbours, except that everyone on the way may take trailers. */
function sanitiseTe(headers: HeaderMap): void {
  const te = headers.get("te");
  if (te === undefined || te === "") return;
  if (te.split(",").some((word) => word.trim() === "trailers")) headers.set("te", "trailers");
  else headers.remove("te");
}

function addUserAgent(headers: HeaderMap, agent: { cluster: string; node: string }): void {
  headers.set("x-envoy-downstream-service-cluster", agent.cluster);
  if ((headers.get("user-agent") ?? "") === "") headers.set("user-agent", agent.cluster);
  if (agent.node !== "") headers.set("x-envoy-downstream-service-node", agent.node);
}

export function appendVia(headers: HeaderMap, via: string): void {
  const present = headers.get("via");
  headers.set("via", present === undefined ? via : `${present}, ${via}`);
}
