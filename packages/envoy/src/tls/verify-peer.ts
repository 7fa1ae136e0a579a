/** Whether a peer's certificate will do, by the validation context. */
import { createHash, type X509Certificate } from "node:crypto";
import type {
  CertificateValidationContext,
  SubjectAltNameMatcher,
} from "../config/tls-validation-context.ts";
import { compileStringMatcher } from "../routing/string-matcher.ts";
import { dnsNameMatches, type SubjectAltName, subjectAltNames } from "./subject-alt-names.ts";

export interface PeerProblem {
  readonly kind: "error" | "san" | "hash";
  /** Envoy's words, after `verify cert failed: `. */
  readonly text: string;
  /** Counted, and no reason to end the connection: the file says so. */
  readonly accepted: boolean;
}

/**
 * `chainError` is what the TLS library has against the chain, undefined when it leads to a trusted authority. `hostName`: the certificate has
 * to be for that name as well.
 */
export type VerifyPeer = (
  certificate: X509Certificate,
  chainError: string | undefined,
  hostName?: string,
) => PeerProblem | undefined;

export function compileVerification(context: CertificateValidationContext | undefined): VerifyPeer {
  const verifiesChain =
    context !== undefined &&
    (context.trustedCa !== undefined || context.systemRootCerts !== undefined);
  const hashes = new Set(
    context?.verifyCertificateHash.map((hash) => hash.replaceAll(":", "").toLowerCase()),
  );
  const keys = new Set(context?.verifyCertificateSpki);
  const names = (context?.matchTypedSubjectAltNames ?? []).map(compileNameMatcher);
  const accepted = context?.trustChainVerification === "ACCEPT_UNTRUSTED";
  const problem = (kind: PeerProblem["kind"], text: string): PeerProblem => ({
    kind,
    text,
    accepted,
  });
  return (certificate, chainError, hostName) => {
    if (verifiesChain && chainError !== undefined) {
      const expired = chainError === "CERT_HAS_EXPIRED" || chainError === "CERT_NOT_YET_VALID";
      if (!(expired && context.allowExpiredCertificate))
        return problem("error", chainErrorText(chainError));
    }
    const sans = subjectAltNames(certificate);
    const list = sans.map(({ value }) => value).join(", ");
    if (hostName !== undefined && !sans.some((san) => isFor(san, hostName))) {
      const text = `verify SAN list, expected SANs: [${hostName}], certificate SANs: [${list}]`;
      return problem("san", text);
    }
    if (names.length > 0 && !sans.some((san) => names.some((matches) => matches(san))))
      return problem("san", `SAN matcher, certificate SANs are [${list}]`);
    if (hashes.size === 0 && keys.size === 0) return undefined;
    const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
    if (hashes.has(fingerprint) || keys.has(keyHash(certificate))) return undefined;
    return problem("hash", "cert hash and spki");
  };
}

function isFor({ type, value }: SubjectAltName, hostName: string): boolean {
  if (type === "DNS") return dnsNameMatches(value, hostName);
  return type === "IP_ADDRESS" && value === hostName;
}

function compileNameMatcher({
  sanType,
  matcher,
}: SubjectAltNameMatcher): (san: SubjectAltName) => boolean {
  const matches = compileStringMatcher(matcher);
  const { exact } = matcher;
  // An exact DNS matcher also takes the wildcards of the certificate.
  if (sanType === "DNS" && exact !== undefined)
    return ({ type, value }) => type === "DNS" && dnsNameMatches(value, exact);
  return ({ type, value }) => type === sanType && matches(value);
}

function keyHash(certificate: X509Certificate): string {
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

/** X509_verify_cert_error_string of BoringSSL. */
const chainErrors: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "certificate has expired",
  CERT_NOT_YET_VALID: "certificate is not yet valid",
  CERT_REVOKED: "certificate revoked",
  CERT_SIGNATURE_FAILURE: "certificate signature failure",
  CERT_UNTRUSTED: "certificate not trusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "self signed certificate",
  INVALID_CA: "invalid CA certificate",
  INVALID_PURPOSE: "unsupported certificate purpose",
  SELF_SIGNED_CERT_IN_CHAIN: "self signed certificate in certificate chain",
  UNABLE_TO_GET_CRL: "unable to get certificate CRL",
  UNABLE_TO_GET_ISSUER_CERT: "unable to get issuer certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unable to get local issuer certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unable to verify the first certificate",
};

function chainErrorText(code: string): string {
  const depth = code === "SELF_SIGNED_CERT_IN_CHAIN" ? 1 : 0;
  const text = chainErrors[code] ?? code.toLowerCase().replaceAll("_", " ");
  return `X509_verify_cert: certificate verification error at depth ${depth}: ${text}`;
}
