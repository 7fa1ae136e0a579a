/**
 * x-forwarded-client-cert: what the next hop is told of the client's certificate.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 */
import type { X509Certificate } from "node:crypto";
import type {
  ClientCertDetails,
  ForwardClientCertDetails,
} from "../config/client-certificate-details.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { ConnectionInfo } from "../http/stream.ts";
import { distinguishedName } from "../tls/distinguished-name.ts";
import { subjectAltNames } from "../tls/subject-alt-names.ts";

export interface ClientCertificateRules {
  readonly forward: ForwardClientCertDetails;
  readonly details: ClientCertDetails;
}

export const noDetails: ClientCertDetails = {
  cert: false,
  chain: false,
  dns: false,
  uri: false,
};

export const clientCertificateHeader = "x-forwarded-client-cert";

/** For all rules but SANITIZE, which just removes the header. */
export function tellClientCertificate(
  headers: HeaderMap,
  { tls }: ConnectionInfo,
  { forward, details }: ClientCertificateRules,
): void {
  if (forward === "ALWAYS_FORWARD_ONLY") return;
  const certificate = tls?.peerCertificate;
  if (certificate === undefined) {
    headers.remove(clientCertificateHeader);
    return;
  }
  if (forward === "FORWARD_ONLY") return;
  const element = describe(certificate, tls?.localCertificate, details);
  const before = forward === "APPEND_FORWARD" ? headers.get(clientCertificateHeader) : undefined;
  headers.set(clientCertificateHeader, before === undefined ? element : `${before},${element}`);
}

function describe(
  certificate: X509Certificate,
  local: X509Certificate | undefined,
  { subject, cert, chain, dns, uri }: ClientCertDetails,
): string {
  const parts = uris(local).map((name) => `By=${name}`);
  parts.push(`Hash=${certificate.fingerprint256.replaceAll(":", "").toLowerCase()}`);
  const pem = encodeURIComponent(certificate.toString());
  if (cert) parts.push(`Cert="${pem}"`);
  if (chain) parts.push(`Chain="${pem}"`);
  if (subject === true) parts.push(`Subject="${distinguishedName(certificate.subject)}"`);
  if (uri) {
    const names = uris(certificate);
    parts.push(...(names.length === 0 ? ["URI="] : names.map((name) => `URI=${name}`)));
  }
  if (dns) {
    for (const { type, value } of subjectAltNames(certificate))
      if (type === "DNS") parts.push(`DNS=${value}`);
  }
  return parts.join(";");
}

function uris(certificate: X509Certificate | undefined): readonly string[] {
  if (certificate === undefined) return [];
  return subjectAltNames(certificate)
    .filter(({ type }) => type === "URI")
    .map(({ value }) => value);
}
