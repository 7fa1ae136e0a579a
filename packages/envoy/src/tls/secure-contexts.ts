/** From TLS parameters to what node:tls wants. */
import {
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
} from "node:tls";
import type { Environment } from "../config/data-source-bytes.ts";
import { cipherList } from "../config/tls-cipher-suites.ts";
import type { CommonTlsContext } from "../config/tls-context.ts";
import type { Credentials } from "../config/tls-credentials.ts";
import { loadAuthorities, loadRevocations } from "../config/tls-credentials.ts";
import type { TlsParameters, TlsProtocol } from "../config/tls-parameters.ts";
import type { CertificateValidationContext } from "../config/tls-validation-context.ts";

type Version = NonNullable<SecureContextOptions["minVersion"]>;

const versions: Readonly<Record<Exclude<TlsProtocol, "TLS_AUTO">, Version>> = {
  TLSv1_0: "TLSv1",
  TLSv1_1: "TLSv1.1",
  TLSv1_2: "TLSv1.2",
  TLSv1_3: "TLSv1.3",
};

/** Everything but the certificates. */
export function contextOptions(
  common: CommonTlsContext | undefined,
  role: "server" | "client",
  env: Environment,
): SecureContextOptions {
  return {
    ...parameterOptions(common?.tlsParams, role),
    ...authorityOptions(common?.validationContext, env),
  };
}

/** One certificate of a type at most: of several, the TLS library takes the one the peer can verify. */
export function createContext(
  options: SecureContextOptions,
  credentials: readonly Credentials[],
): SecureContext {
  return createSecureContext({
    ...options,
    cert: credentials.map(({ chain }) => chain),
    key: credentials.map(({ key }) => key.export({ type: "pkcs8", format: "pem" }).toString()),
  });
}

function parameterOptions(
  parameters: TlsParameters | undefined,
  role: "server" | "client",
): SecureContextOptions {
  const minVersion = version(parameters?.tlsMinimumProtocolVersion, "TLSv1.2");
  const newest = role === "server" ? "TLSv1.3" : "TLSv1.2";
  const maxVersion = version(parameters?.tlsMaximumProtocolVersion, newest);
  const suites = cipherList(parameters?.cipherSuites ?? []);
  const isOld = minVersion === "TLSv1" || minVersion === "TLSv1.1";
  const curves = parameters?.ecdhCurves ?? [];
  const algorithms = parameters?.signatureAlgorithms ?? [];
  return {
    minVersion,
    maxVersion,
    // OpenSSL thinks what TLS 1.0 and 1.1 sign with too weak, unless told otherwise.
    ciphers: isOld ? `${suites}:@SECLEVEL=0` : suites,
    ...(curves.length === 0 ? {} : { ecdhCurve: curves.join(":") }),
    ...(algorithms.length === 0 ? {} : { sigalgs: algorithms.join(":") }),
  };
}

function version(protocol: TlsProtocol | undefined, otherwise: Version): Version {
  return protocol === undefined || protocol === "TLS_AUTO" ? otherwise : versions[protocol];
}

/** Without an authority nothing is verified; an empty list keeps the TLS library from using its own. */
function authorityOptions(
  validation: CertificateValidationContext | undefined,
  env: Environment,
): SecureContextOptions {
  const crl = validation?.crl === undefined ? [] : loadRevocations(validation.crl, env);
  const ca =
    validation?.trustedCa !== undefined
      ? loadAuthorities(validation.trustedCa, env)
      : validation?.systemRootCerts !== undefined
        ? getCACertificates("system")
        : [];
  return { ca, ...(crl.length === 0 ? {} : { crl }) };
}
