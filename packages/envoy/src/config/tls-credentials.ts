/** Certificates and keys out of the files that name them, with Envoy's words for what is wrong with them. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { DataSource } from "./data-source.ts";
import { dataSourceBytes, dataSourceName, type Environment } from "./data-source-bytes.ts";
import type { TlsCertificate } from "./tls-certificate.ts";

export interface Credentials {
  /** PEM: the certificate, then those that lead to an authority. */
  readonly chain: string;
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** A message of Envoy's, thrown by everything here. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
}

export function loadCredentials(config: TlsCertificate, env: Environment): Credentials {
  const { certificateChain, privateKey } = config;
  const chain = dataSourceBytes(certificateChain, env)?.toString("latin1") ?? "";
  if (chain === "") {
    const path = certificateChain?.filename ?? "";
    throw new CredentialsError(
      `Failed to load incomplete certificate from ${path}: certificate chain not set`,
    );
  }
  const keyText = dataSourceBytes(privateKey, env)?.toString("latin1") ?? "";
  if (keyText === "") {
    const path = privateKey?.filename ?? "";
    throw new CredentialsError(`Failed to load incomplete private key from path: ${path}`);
  }
  const certificate = readChain(chain, dataSourceName(certificateChain));
  const password = dataSourceBytes(config.password, env);
  const key = readKey(keyText, password, certificate, dataSourceName(privateKey));
  return { chain, certificate, key };
}

function readChain(chain: string, from: string): X509Certificate {
  const failed = `Failed to load certificate chain from ${from}`;
  const [certificate] = parseCertificates(chain, failed);
  if (certificate === undefined) throw new CredentialsError(failed);
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    const rule = "only RSA certificates with 2048-bit or larger keys are supported";
    throw new CredentialsError(`${failed}, ${rule}`);
  }
  const curve = asymmetricKeyDetails?.namedCurve;
  if (asymmetricKeyType === "ec" && !curves.has(curve ?? "")) {
    const rule = "only P-256, P-384 or P-521 ECDSA certificates are supported";
    throw new CredentialsError(`${failed}, ${rule}`);
  }
  return certificate;
}

const curves: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);

/** BoringSSL's codes. */
const causes = {
  noKey: "error:0900006e:PEM routines:OPENSSL_internal:NO_START_LINE",
  noPassword: "error:09000068:PEM routines:OPENSSL_internal:BAD_PASSWORD_READ",
  wrongPassword: "error:1e000065:Cipher functions:OPENSSL_internal:BAD_DECRYPT",
  otherType: "error:0b000073:X.509 certificate routines:OPENSSL_internal:KEY_TYPE_MISMATCH",
  otherKey: "error:0b000074:X.509 certificate routines:OPENSSL_internal:KEY_VALUES_MISMATCH",
} as const;

function readKey(
  text: string,
  password: Buffer | undefined,
  certificate: X509Certificate,
  from: string,
): KeyObject {
  const fail = (cause: keyof typeof causes): never => {
    throw new CredentialsError(`Failed to load private key from ${from}, Cause: ${causes[cause]}`);
  };
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: text,
      ...(password === undefined ? {} : { passphrase: password }),
    });
  } catch {
    // What OpenSSL says of it differs by the kind of key file.
    if (!text.includes("ENCRYPTED")) return fail("noKey");
    return fail(password === undefined ? "noPassword" : "wrongPassword");
  }
  if (key.asymmetricKeyType !== certificate.publicKey.asymmetricKeyType) return fail("otherType");
  return certificate.checkPrivateKey(key) ? key : fail("otherKey");
}

/** The certificates of trusted authorities, as PEM. */
export function loadAuthorities(source: DataSource, env: Environment): string[] {
  const bytes = dataSourceBytes(source, env);
  if (bytes === undefined && source.filename !== undefined)
    throw new CredentialsError(`Invalid path: ${source.filename}`);
  const failed = `Failed to load trusted CA certificates from ${dataSourceName(source)}`;
  const certificates = parseCertificates(bytes?.toString("latin1") ?? "", failed);
  if (certificates.length === 0) throw new CredentialsError(failed);
  return certificates.map((certificate) => certificate.toString());
}

/** Lists of certificates that are not to be trusted any more, as PEM; a file without any is no mistake. */
export function loadRevocations(source: DataSource, env: Environment): string[] {
  const bytes = dataSourceBytes(source, env);
  if (bytes === undefined && source.filename !== undefined)
    throw new CredentialsError(`Invalid path: ${source.filename}`);
  return [...(bytes?.toString("latin1") ?? "").matchAll(pemRevocations)].map(([block]) => block);
}

const pemRevocations = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g;

const pemCertificate =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

function parseCertificates(pem: string, failed: string): X509Certificate[] {
  try {
    return [...pem.matchAll(pemCertificate)].map(([block]) => new X509Certificate(block));
  } catch (cause) {
    throw new CredentialsError(failed, { cause });
  }
}
