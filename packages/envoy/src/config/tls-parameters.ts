/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-tlsparameters */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { optional, repeated } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";

export type TlsProtocol = "TLS_AUTO" | "TLSv1_0" | "TLSv1_1" | "TLSv1_2" | "TLSv1_3";

export interface TlsParameters {
  /** Absent or TLS_AUTO: 1.2. */
  readonly tlsMinimumProtocolVersion?: TlsProtocol;
  /** Absent or TLS_AUTO: 1.3 for servers, 1.2 for clients. */
  readonly tlsMaximumProtocolVersion?: TlsProtocol;
  /** BoringSSL's names; `[A|B]` are of equal preference. They do not concern TLS 1.3. */
  readonly cipherSuites: readonly string[];
  readonly ecdhCurves: readonly string[];
  readonly signatureAlgorithms: readonly string[];
}

const name = "envoy.extensions.transport_sockets.tls.v3.TlsParameters";

const protocol = enumeration<TlsProtocol>(`${name}.TlsProtocol`, {
  TLS_AUTO: 0,
  TLSv1_0: 1,
  TLSv1_1: 2,
  TLSv1_2: 3,
  TLSv1_3: 4,
});

export const tlsParameters: Decoder<TlsParameters> = message<TlsParameters>(
  name,
  {
    tlsMinimumProtocolVersion: optional(protocol),
    tlsMaximumProtocolVersion: optional(protocol),
    cipherSuites: repeated(string()),
    ecdhCurves: repeated(string()),
    signatureAlgorithms: repeated(string()),
  },
  { unsupported: { compliance_policies: "TLS compliance policies" } },
);
