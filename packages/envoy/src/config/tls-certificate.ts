/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-tlscertificate */
import type { DataSource } from "./data-source.ts";
import { dataSource } from "./data-source.ts";
import type { Decoder } from "./decode/decoder.ts";
import { optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";

/** PEM, all of it. */
export interface TlsCertificate {
  readonly certificateChain?: DataSource;
  readonly privateKey?: DataSource;
  /** Of the private key. */
  readonly password?: DataSource;
}

export const tlsCertificate: Decoder<TlsCertificate> = message<TlsCertificate>(
  "envoy.extensions.transport_sockets.tls.v3.TlsCertificate",
  {
    certificateChain: optional(dataSource),
    privateKey: optional(dataSource),
    password: optional(dataSource),
  },
  {
    accepted: { signed_certificate_timestamp: "Envoy has not implemented it either" },
    unsupported: {
      pkcs12: "PKCS#12 certificates",
      private_key_provider: "private key providers",
      ocsp_staple: "OCSP stapling",
      watched_directory: "watched directories",
      tls_params: "TLS parameters of one certificate",
    },
  },
);
