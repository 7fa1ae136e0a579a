/** Operators on the handshakes of either side and on what was known before them. */
import type { X509Certificate } from "node:crypto";
import type { SanType } from "../config/tls-validation-context.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { distinguishedName } from "../tls/distinguished-name.ts";
import { subjectAltNames } from "../tls/subject-alt-names.ts";
import type { TlsConnectionInfo } from "../tls/tls-connection-info.ts";
import { FormatError, type Operator } from "./formatter.ts";
import type { OperatorDefinition } from "./operators.ts";

function plain(operator: Operator): OperatorDefinition {
  return { parameters: "none", lengthAllowed: false, compile: () => operator };
}

type Side = (info: StreamInfo) => TlsConnectionInfo | undefined;
type Pick = (tls: TlsConnectionInfo | undefined) => X509Certificate | undefined;

const downstream: Side = ({ connection }) => connection.tls;
const upstream: Side = (info) => info.upstream?.connection?.tls;
const peer: Pick = (tls) => tls?.peerCertificate;
const local: Pick = (tls) => tls?.localCertificate;

/** Nothing where there is nothing to say. */
function present(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function names(side: Side, pick: Pick, type: SanType): OperatorDefinition {
  return plain((info) => {
    const certificate = pick(side(info));
    if (certificate === undefined) return undefined;
    const values = subjectAltNames(certificate).filter((name) => name.type === type);
    return present(values.map(({ value }) => value).join(","));
  });
}

function certificate(
  side: Side,
  pick: Pick,
  read: (certificate: X509Certificate) => string,
): OperatorDefinition {
  return plain((info) => {
    const found = pick(side(info));
    return found && present(read(found));
  });
}

const subject = (found: X509Certificate): string => distinguishedName(found.subject);
const issuer = (found: X509Certificate): string => distinguishedName(found.issuer);
const pem = (found: X509Certificate): string => encodeURIComponent(found.toString());
const hex = (text: string): string => text.replaceAll(":", "").toLowerCase();

/** What the runtime does not tell of a handshake. */
const unknown: Operator = () => undefined;

/** `SNI_FIRST:ORIG` and the like: which of the two names comes first, and which authority stands for the host. */
function requestedServerName(text: string): Operator {
  const [order = "", from = ""] = text.split(":");
  if (!["", "SNI_ONLY", "SNI_FIRST", "HOST_FIRST"].includes(order))
    throw new FormatError(
      `Invalid REQUESTED_SERVER_NAME option: '${order}', only 'SNI_ONLY'/'SNI_FIRST'/'HOST_FIRST' are allowed`,
    );
  if (!["", "ORIG", "HOST", "ORIG_OR_HOST"].includes(from))
    throw new FormatError(
      `Invalid REQUESTED_SERVER_NAME option: '${from}', only 'ORIG_OR_HOST'/'HOST'/'ORIG' are allowed`,
    );
  const sni: Operator = ({ connection }) => present(connection.requestedServerName);
  if (order === "" || order === "SNI_ONLY") return sni;
  const hostName: Operator = ({ requestHeaders }) => {
    let name = from === "HOST" ? undefined : requestHeaders.get("x-envoy-original-host");
    if (name === undefined && from !== "ORIG") name = requestHeaders.get(":authority");
    return present(name);
  };
  return order === "SNI_FIRST"
    ? (info) => sni(info) ?? hostName(info)
    : (info) => hostName(info) ?? sni(info);
}

export const tlsOperators: Readonly<Record<string, OperatorDefinition>> = {
  FILTER_CHAIN_NAME: plain(({ connection }) => present(connection.filterChain)),
  REQUESTED_SERVER_NAME: {
    parameters: "optional",
    lengthAllowed: false,
    yieldsBytes: true,
    compile: requestedServerName,
  },

  DOWNSTREAM_TLS_VERSION: plain((info) => present(downstream(info)?.version)),
  DOWNSTREAM_TLS_GROUP: plain(unknown),
  DOWNSTREAM_TLS_CIPHER: plain((info) => present(downstream(info)?.cipher)),
  DOWNSTREAM_TRANSPORT_FAILURE_REASON: plain((info) =>
    present(info.downstreamTransportFailureReason?.replace(/\s/g, "_")),
  ),
  DOWNSTREAM_PEER_URI_SAN: names(downstream, peer, "URI"),
  DOWNSTREAM_PEER_DNS_SAN: names(downstream, peer, "DNS"),
  DOWNSTREAM_PEER_IP_SAN: names(downstream, peer, "IP_ADDRESS"),
  DOWNSTREAM_PEER_EMAIL_SAN: names(downstream, peer, "EMAIL"),
  DOWNSTREAM_LOCAL_URI_SAN: names(downstream, local, "URI"),
  DOWNSTREAM_LOCAL_DNS_SAN: names(downstream, local, "DNS"),
  DOWNSTREAM_LOCAL_IP_SAN: names(downstream, local, "IP_ADDRESS"),
  DOWNSTREAM_LOCAL_EMAIL_SAN: names(downstream, local, "EMAIL"),
  DOWNSTREAM_PEER_SUBJECT: certificate(downstream, peer, subject),
  DOWNSTREAM_LOCAL_SUBJECT: certificate(downstream, local, subject),
  DOWNSTREAM_PEER_ISSUER: certificate(downstream, peer, issuer),
  DOWNSTREAM_PEER_ISSUER_SERIAL: plain(unknown),
  DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256: plain(unknown),
  DOWNSTREAM_PEER_CERT: certificate(downstream, peer, pem),
  DOWNSTREAM_PEER_SERIAL: certificate(downstream, peer, (found) => hex(found.serialNumber)),
  DOWNSTREAM_PEER_FINGERPRINT_256: certificate(downstream, peer, (found) =>
    hex(found.fingerprint256),
  ),
  DOWNSTREAM_PEER_FINGERPRINT_1: certificate(downstream, peer, (found) => hex(found.fingerprint)),

  UPSTREAM_TLS_VERSION: plain((info) => present(upstream(info)?.version)),
  UPSTREAM_TLS_GROUP: plain(unknown),
  UPSTREAM_TLS_CIPHER: plain((info) => present(upstream(info)?.cipher)),
  UPSTREAM_SERVER_NAME: plain((info) => present(upstream(info)?.serverName)),
  UPSTREAM_PEER_URI_SAN: names(upstream, peer, "URI"),
  UPSTREAM_PEER_DNS_SAN: names(upstream, peer, "DNS"),
  UPSTREAM_PEER_IP_SAN: names(upstream, peer, "IP_ADDRESS"),
  UPSTREAM_LOCAL_URI_SAN: names(upstream, local, "URI"),
  UPSTREAM_LOCAL_DNS_SAN: names(upstream, local, "DNS"),
  UPSTREAM_LOCAL_IP_SAN: names(upstream, local, "IP_ADDRESS"),
  UPSTREAM_PEER_SUBJECT: certificate(upstream, peer, subject),
  UPSTREAM_PEER_ISSUER: certificate(upstream, peer, issuer),
  UPSTREAM_PEER_CERT: certificate(upstream, peer, pem),
};
