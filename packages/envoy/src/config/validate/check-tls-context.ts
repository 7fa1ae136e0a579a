/** TLS contexts: certificates and keys that can be read and belong together, names the TLS library knows. */
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { dataSourceName, type Environment } from "../data-source-bytes.ts";
import type { Report, Stage } from "../decode/scope.ts";
import { unknownCipherSuites } from "../tls-cipher-suites.ts";
import type { CommonTlsContext, DownstreamTlsContext, UpstreamTlsContext } from "../tls-context.ts";
import {
  CredentialsError,
  loadAuthorities,
  loadCredentials,
  loadRevocations,
} from "../tls-credentials.ts";
import type { TlsParameters } from "../tls-parameters.ts";
import type { CertificateValidationContext } from "../tls-validation-context.ts";
import { problemAt } from "./problem-at.ts";

export function checkTlsContext(
  context: DownstreamTlsContext | UpstreamTlsContext,
  report: Report,
  env: Environment,
): void {
  const isServer = context.type === "DownstreamTlsContext";
  const stage: Stage = isServer ? "listeners" : "clusters";
  const common = context.commonTlsContext;
  const certificates = common?.tlsCertificates ?? [];
  const add = (value: object, field: string, envoyMessage: string): void =>
    problemAt(value, { stage, field, message: envoyMessage, envoyMessage }, report);
  if (isServer && certificates.length === 0) {
    const message = "No TLS certificates found for server context";
    add(
      common ?? context,
      common === undefined ? "common_tls_context" : "tls_certificates",
      message,
    );
  }
  if (!isServer && certificates.length > 1) {
    const message = "Multiple TLS certificates are not supported for client contexts";
    add(common ?? context, "tls_certificates", message);
  }
  if (common === undefined) return;
  checkCommon(common, isServer, add, env);
}

type Add = (value: object, field: string, envoyMessage: string) => void;

function checkCommon(
  common: CommonTlsContext,
  isServer: boolean,
  add: Add,
  env: Environment,
): void {
  if (common.validationContext !== undefined) checkValidation(common.validationContext, add, env);
  if (common.tlsParams !== undefined) checkParameters(common.tlsParams, add);
  if (common.alpnProtocols.some((protocol) => Buffer.byteLength(protocol) > 255))
    add(common, "alpn_protocols", "Invalid ALPN protocol string");
  for (const certificate of common.tlsCertificates) {
    const { certificateChain, privateKey } = certificate;
    if (isServer && certificateChain === undefined && privateKey === undefined) {
      const message = "Server TlsCertificates must have a certificate specified";
      add(certificate, "certificate_chain", message);
    } else {
      const message = credentialsProblem(() => loadCredentials(certificate, env));
      const field = message?.includes("private key") ? "private_key" : "certificate_chain";
      if (message !== undefined) add(certificate, field, message);
    }
  }
}

function checkValidation(
  validation: CertificateValidationContext,
  add: Add,
  env: Environment,
): void {
  const { trustedCa } = validation;
  if (trustedCa !== undefined) {
    const message = credentialsProblem(() => loadAuthorities(trustedCa, env));
    if (message !== undefined) add(validation, "trusted_ca", message);
  } else if (
    validation.matchTypedSubjectAltNames.length > 0 &&
    validation.systemRootCerts === undefined
  ) {
    const message =
      "SAN-based verification of peer certificates without trusted CA is insecure and not allowed";
    add(validation, "match_typed_subject_alt_names", message);
  }
  const { crl } = validation;
  if (crl !== undefined) {
    const message = credentialsProblem(() => loadRevocations(crl, env));
    const name = dataSourceName(crl);
    if (message !== undefined) add(validation, "crl", message);
    else if (trustedCa === undefined)
      add(validation, "crl", `Failed to load CRL from ${name} without trusted CA`);
    else if (!isTakenByTls({ crl: loadRevocations(crl, env) }))
      add(validation, "crl", `Failed to load CRL from ${name}`);
  }
  for (const hash of validation.verifyCertificateHash) {
    if (!/^(?:[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i.test(hash))
      add(validation, "verify_certificate_hash", `Invalid hex-encoded SHA-256 ${hash}`);
  }
  for (const hash of validation.verifyCertificateSpki) {
    if (!/^[A-Za-z0-9+/]{43}=$/.test(hash))
      add(validation, "verify_certificate_spki", `Invalid base64-encoded SHA-256 ${hash}`);
  }
}

function checkParameters(parameters: TlsParameters, add: Add): void {
  const { cipherSuites, ecdhCurves, signatureAlgorithms } = parameters;
  const rejected = unknownCipherSuites(cipherSuites);
  if (rejected.length > 0) {
    const message = `Failed to initialize cipher suites ${cipherSuites.join(":")}. The following ciphers were rejected when tried individually: ${rejected.join(", ")}`;
    add(parameters, "cipher_suites", message);
  }
  const curves = ecdhCurves.join(":");
  if (curves !== "" && !isTakenByTls({ ecdhCurve: curves }))
    add(parameters, "ecdh_curves", `Failed to initialize ECDH curves ${curves}`);
  const algorithms = signatureAlgorithms.join(":");
  if (algorithms !== "" && !isTakenByTls({ sigalgs: algorithms })) {
    const message = `Failed to initialize TLS signature algorithms ${algorithms}`;
    add(parameters, "signature_algorithms", message);
  }
}

function isTakenByTls(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    // It says no more than that it does not know one of the names.
    return false;
  }
}

function credentialsProblem(load: () => unknown): string | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    if (error instanceof CredentialsError) return error.message;
    throw error;
  }
}
