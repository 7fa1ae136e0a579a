/** What Envoy says of a handshake that failed: BoringSSL's error queue, between two marks. */
import { constants } from "node:os";

const sslLibrary = 0x10_00_00_00;
const systemLibrary = 0x02_00_00_00;

/** Alerts of the peer, by number, in BoringSSL's words: those from SSL 3.0 keep its name. */
const alerts: Readonly<Record<string, { readonly number: number; readonly prefix: string }>> = {
  BAD_RECORD_MAC: { number: 20, prefix: "SSLV3" },
  RECORD_OVERFLOW: { number: 22, prefix: "TLSV1" },
  HANDSHAKE_FAILURE: { number: 40, prefix: "SSLV3" },
  BAD_CERTIFICATE: { number: 42, prefix: "SSLV3" },
  UNSUPPORTED_CERTIFICATE: { number: 43, prefix: "SSLV3" },
  CERTIFICATE_REVOKED: { number: 44, prefix: "SSLV3" },
  CERTIFICATE_EXPIRED: { number: 45, prefix: "SSLV3" },
  CERTIFICATE_UNKNOWN: { number: 46, prefix: "SSLV3" },
  ILLEGAL_PARAMETER: { number: 47, prefix: "SSLV3" },
  UNKNOWN_CA: { number: 48, prefix: "TLSV1" },
  ACCESS_DENIED: { number: 49, prefix: "TLSV1" },
  DECODE_ERROR: { number: 50, prefix: "TLSV1" },
  DECRYPT_ERROR: { number: 51, prefix: "TLSV1" },
  PROTOCOL_VERSION: { number: 70, prefix: "TLSV1" },
  INSUFFICIENT_SECURITY: { number: 71, prefix: "TLSV1" },
  INTERNAL_ERROR: { number: 80, prefix: "TLSV1" },
  USER_CANCELLED: { number: 90, prefix: "TLSV1" },
  UNRECOGNIZED_NAME: { number: 112, prefix: "TLSV1" },
  CERTIFICATE_REQUIRED: { number: 116, prefix: "TLSV1" },
  NO_APPLICATION_PROTOCOL: { number: 120, prefix: "TLSV1" },
};

/** BoringSSL's numbers of other reasons. */
const reasons: Readonly<Record<string, number>> = {
  BAD_CERTIFICATE_TYPE: 104,
  HTTPS_PROXY_REQUEST: 155,
  HTTP_REQUEST: 156,
  NO_SHARED_CIPHER: 184,
  UNEXPECTED_MESSAGE: 225,
  UNSUPPORTED_PROTOCOL: 240,
  WRONG_VERSION_NUMBER: 247,
};

export function verifyFailureText(text: string): string {
  return marked(`${sslLibrary + 125}:${ssl}:CERTIFICATE_VERIFY_FAILED:verify cert failed: ${text}`);
}

export function missingCertificateText(): string {
  const why = "peer did not provide required client certificate";
  return marked(`${sslLibrary + 192}:${ssl}:PEER_DID_NOT_RETURN_A_CERTIFICATE:${why}`);
}

const ssl = "SSL routines:OPENSSL_internal";

/** Of an error that node:tls reports; empty where the peer went away without a word. */
export function handshakeFailureText(error: NodeJS.ErrnoException): string {
  const code = error.code ?? "";
  // OpenSSL 3 spells the old alerts `SSL/TLS_ALERT_...`.
  const alert = /^ERR_SSL_(?:SSL\/TLS|SSLV3|TLSV1|TLSV13)_ALERT_(.+)$/.exec(code)?.[1];
  const known = alert === undefined ? undefined : alerts[alert];
  if (alert !== undefined && known !== undefined)
    return marked(`${sslLibrary + 1000 + known.number}:${ssl}:${known.prefix}_ALERT_${alert}`);
  if (code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE") return missingCertificateText();
  if (code.startsWith("ERR_SSL_")) {
    const reason = code.slice("ERR_SSL_".length);
    return marked(`${sslLibrary + (reasons[reason] ?? 0)}:${ssl}:${reason}`);
  }
  const words = systemErrors[code];
  if (words === undefined || error.errno === undefined) return "";
  const errno = (constants.errno as Readonly<Record<string, number>>)[code] ?? 0;
  return marked(`${systemLibrary + errno}:system library:OPENSSL_internal:${words}`);
}

const systemErrors: Readonly<Record<string, string>> = {
  ECONNRESET: "Connection reset by peer",
  EPIPE: "Broken pipe",
  ETIMEDOUT: "Connection timed out",
};

function marked(text: string): string {
  return `TLS_error:|${text}:TLS_error_end`;
}
