/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-certificatevalidationcontext */
import type { DataSource } from "./data-source.ts";
import { dataSource } from "./data-source.ts";
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

export interface CertificateValidationContext {
  /** Absent: a peer's certificate is not verified, only held against the other conditions. */
  readonly trustedCa?: DataSource;
  readonly crl?: DataSource;
  /** SHA-256 of the subject's public key, base64. */
  readonly verifyCertificateSpki: readonly string[];
  /** SHA-256 of the certificate, hex, with or without colons. */
  readonly verifyCertificateHash: readonly string[];
  /** One has to match. */
  readonly matchTypedSubjectAltNames: readonly SubjectAltNameMatcher[];
  readonly allowExpiredCertificate: boolean;
  readonly trustChainVerification?: "VERIFY_TRUST_CHAIN" | "ACCEPT_UNTRUSTED";
  /** The machine's own list of authorities. */
  readonly systemRootCerts?: Readonly<Record<string, never>>;
}

export type SanType = "EMAIL" | "DNS" | "URI" | "IP_ADDRESS";

export interface SubjectAltNameMatcher {
  readonly sanType: SanType;
  readonly matcher: StringMatcher;
}

const packageName = "envoy.extensions.transport_sockets.tls.v3";
const name = `${packageName}.CertificateValidationContext`;

const namedTypes = enumeration<SanType | "SAN_TYPE_UNSPECIFIED">(
  `${packageName}.SubjectAltNameMatcher.SanType`,
  { SAN_TYPE_UNSPECIFIED: 0, EMAIL: 1, DNS: 2, URI: 3, IP_ADDRESS: 4 },
  { unsupported: { OTHER_NAME: { number: 5, feature: "otherName entries of certificates" } } },
);

const unspecified = "value must not be in list [SAN_TYPE_UNSPECIFIED]";

const sanType: Decoder<SanType> = {
  shape: namedTypes.shape,
  absentRule: unspecified,
  decode(node, at) {
    const type = namedTypes.decode(node, at);
    if (type !== "SAN_TYPE_UNSPECIFIED") return type;
    at.violation(node.at, unspecified, "the type has to be said: EMAIL, DNS, URI or IP_ADDRESS");
    return undefined;
  },
};

const subjectAltNameMatcher: Decoder<SubjectAltNameMatcher> = message<SubjectAltNameMatcher>(
  `${packageName}.SubjectAltNameMatcher`,
  { sanType: required(sanType), matcher: required(stringMatcher) },
  { unsupported: { oid: "otherName entries of certificates" } },
);

export const certificateValidationContext: Decoder<CertificateValidationContext> =
  message<CertificateValidationContext>(
    name,
    {
      trustedCa: optional(dataSource),
      crl: optional(dataSource),
      verifyCertificateSpki: repeated(string({ minLen: 44, maxBytes: 44 })),
      verifyCertificateHash: repeated(string({ minLen: 64, maxBytes: 95 })),
      matchTypedSubjectAltNames: repeated(subjectAltNameMatcher),
      allowExpiredCertificate: flag(),
      trustChainVerification: optional(
        enumeration<"VERIFY_TRUST_CHAIN" | "ACCEPT_UNTRUSTED">(`${name}.TrustChainVerification`, {
          VERIFY_TRUST_CHAIN: 0,
          ACCEPT_UNTRUSTED: 1,
        }),
      ),
      systemRootCerts: optional(message<Record<never, never>>(`${name}.SystemRootCerts`, {})),
    },
    {
      unsupported: {
        watched_directory: "watched directories",
        match_subject_alt_names: "the deprecated match_subject_alt_names",
        require_signed_certificate_timestamp: "certificate transparency",
        custom_validator_config: "certificate validators of one's own",
        ca_certificate_provider_instance: "certificate providers",
        only_verify_leaf_cert_crl: "certificate revocation lists for leaves only",
        max_verify_depth: "limits on the length of certificate chains",
        suppress_client_ca_list: "hiding the list of client authorities",
      },
    },
  );
