/** What a handshake came to, for headers and logs. */
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

export interface TlsConnectionInfo {
  /** `TLSv1.3`. */
  readonly version: string;
  /** BoringSSL's name. */
  readonly cipher: string;
  /** Chosen by ALPN; empty: none. */
  readonly applicationProtocol: string;
  /** What the client sent as SNI, or what was sent to the server; empty: nothing. */
  readonly serverName: string;
  readonly peerCertificate: X509Certificate | undefined;
  readonly localCertificate: X509Certificate | undefined;
}

/** `peerCertificate` is asked for by the caller: node:tls gives it only once. */
export function tlsConnectionInfo(
  socket: TLSSocket,
  serverName: string,
  peerCertificate: X509Certificate | undefined,
): TlsConnectionInfo {
  return {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher()?.name ?? "",
    applicationProtocol: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : "",
    serverName,
    peerCertificate,
    localCertificate: socket.getX509Certificate(),
  };
}
