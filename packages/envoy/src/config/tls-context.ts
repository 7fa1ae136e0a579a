/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { flag, optional, repeated } from "./decode/field.ts";
import { extension, type MessageDecoder, message } from "./decode/message.ts";
import { bool, string } from "./decode/scalars.ts";
import type { TlsCertificate } from "./tls-certificate.ts";
import { tlsCertificate } from "./tls-certificate.ts";
import type { TlsParameters } from "./tls-parameters.ts";
import { tlsParameters } from "./tls-parameters.ts";
import type { CertificateValidationContext } from "./tls-validation-context.ts";
import { certificateValidationContext } from "./tls-validation-context.ts";

export interface CommonTlsContext {
  readonly tlsParams?: TlsParameters;
  readonly tlsCertificates: readonly TlsCertificate[];
  readonly validationContext?: CertificateValidationContext;
  readonly alpnProtocols: readonly string[];
}

/** For the server's side of a filter chain. */
export interface DownstreamTlsContext {
  readonly type: "DownstreamTlsContext";
  readonly commonTlsContext?: CommonTlsContext;
  readonly requireClientCertificate?: boolean;
  /** No session is resumed by ticket. */
  readonly disableStatelessSessionResumption?: boolean;
  /** No session is resumed by id. */
  readonly disableStatefulSessionResumption: boolean;
  readonly sessionTimeoutMs?: number;
  readonly preferClientCiphers: boolean;
}

/** For connections to the endpoints of a cluster. */
export interface UpstreamTlsContext {
  readonly type: "UpstreamTlsContext";
  readonly commonTlsContext?: CommonTlsContext;
  readonly sni?: string;
  /** The endpoint's host name is the SNI. */
  readonly autoHostSni: boolean;
  /** The certificate has to be for the SNI. */
  readonly autoSniSanValidation: boolean;
}

const packageName = "envoy.extensions.transport_sockets.tls.v3";
const sds = "secret discovery (dynamic configuration)";
const providers = "certificate providers";

const commonTlsContext: Decoder<CommonTlsContext> = message<CommonTlsContext>(
  `${packageName}.CommonTlsContext`,
  {
    tlsParams: optional(tlsParameters),
    tlsCertificates: repeated(tlsCertificate),
    validationContext: optional(certificateValidationContext),
    alpnProtocols: repeated(string()),
  },
  {
    oneofs: [{ name: "validation_context_type", fields: ["validation_context"] }],
    unsupported: {
      tls_certificate_sds_secret_configs: sds,
      validation_context_sds_secret_config: sds,
      combined_validation_context: sds,
      tls_certificate_provider_instance: providers,
      tls_certificate_certificate_provider: providers,
      tls_certificate_certificate_provider_instance: providers,
      validation_context_certificate_provider: providers,
      validation_context_certificate_provider_instance: providers,
      custom_tls_certificate_selector: "certificate selectors of one's own",
      custom_handshaker: "TLS handshakers of one's own",
      key_log: "TLS key logs",
    },
  },
);

export const downstreamTlsContext: MessageDecoder<DownstreamTlsContext> =
  extension<DownstreamTlsContext>(
    `${packageName}.DownstreamTlsContext`,
    "DownstreamTlsContext",
    {
      commonTlsContext: optional(commonTlsContext),
      requireClientCertificate: optional(bool()),
      disableStatelessSessionResumption: optional(bool()),
      disableStatefulSessionResumption: flag(),
      sessionTimeoutMs: optional(duration({ gte: 0 })),
      preferClientCiphers: flag(),
    },
    {
      oneofs: [
        { name: "session_ticket_keys_type", fields: ["disable_stateless_session_resumption"] },
      ],
      accepted: {
        full_scan_certs_on_sni_mismatch:
          "without a certificate for the name the first one is shown in any case",
        ocsp_staple_policy: "no certificate has an OCSP staple here",
      },
      unsupported: {
        require_sni: "refusing clients without SNI",
        session_ticket_keys: "session ticket keys of one's own",
        session_ticket_keys_sds_secret_config: sds,
      },
    },
  );

export const upstreamTlsContext: MessageDecoder<UpstreamTlsContext> = extension<UpstreamTlsContext>(
  `${packageName}.UpstreamTlsContext`,
  "UpstreamTlsContext",
  {
    commonTlsContext: optional(commonTlsContext),
    sni: optional(string({ maxBytes: 255 })),
    autoHostSni: flag(),
    autoSniSanValidation: flag(),
  },
  {
    accepted: {
      max_session_keys: "sessions are not resumed: each connection has its own handshake",
      enforce_rsa_key_usage: "the TLS library checks key usage in any case",
    },
    unsupported: { allow_renegotiation: "TLS renegotiation" },
  },
);
