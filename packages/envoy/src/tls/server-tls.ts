/** The server's side of TLS for one filter chain. */
import { constants, type X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Environment } from "../config/data-source-bytes.ts";
import type { DownstreamTlsContext } from "../config/tls-context.ts";
import { loadCredentials } from "../config/tls-credentials.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";
import { handshakeFailureText, missingCertificateText, verifyFailureText } from "./failure-text.ts";
import { contextOptions } from "./secure-contexts.ts";
import { ServerCertificates } from "./server-certificates.ts";
import { type TlsConnectionInfo, tlsConnectionInfo } from "./tls-connection-info.ts";
import type { TlsStats } from "./tls-stats.ts";
import { compileVerification, type VerifyPeer } from "./verify-peer.ts";

export interface HandshakeOutcome {
  secured(socket: TLSSocket, info: TlsConnectionInfo): void;
  /** The connection has been closed; `reason` is Envoy's, perhaps empty. */
  failed(reason: string, timedOut: boolean): void;
}

export class ServerTls {
  /** In order of preference; with none there is no ALPN. */
  readonly applicationProtocols: readonly string[];
  readonly #certificates: ServerCertificates;
  readonly #asksForCertificate: boolean;
  readonly #requiresCertificate: boolean;
  readonly #verify: VerifyPeer;
  readonly #stats: TlsStats;

  constructor(config: DownstreamTlsContext, stats: TlsStats, env: Environment) {
    const common = config.commonTlsContext;
    const validation = common?.validationContext;
    this.applicationProtocols = common?.alpnProtocols ?? [];
    this.#stats = stats;
    this.#certificates = new ServerCertificates(
      (common?.tlsCertificates ?? []).map((one) => loadCredentials(one, env)),
      {
        ...contextOptions(common, "server", env),
        honorCipherOrder: !config.preferClientCiphers,
        // Names the sessions of this process, so that they can be resumed where clients show certificates.
        sessionIdContext: "tracemesh",
        ...(config.disableStatelessSessionResumption === true
          ? { secureOptions: constants.SSL_OP_NO_TICKET }
          : {}),
        ...(config.sessionTimeoutMs === undefined
          ? {}
          : { sessionTimeout: Math.max(1, Math.floor(config.sessionTimeoutMs / 1000)) }),
      },
    );
    this.#requiresCertificate = config.requireClientCertificate === true;
    this.#asksForCertificate =
      this.#requiresCertificate ||
      (validation !== undefined &&
        (validation.trustedCa !== undefined ||
          validation.systemRootCerts !== undefined ||
          validation.verifyCertificateHash.length > 0 ||
          validation.verifyCertificateSpki.length > 0));
    this.#verify = compileVerification(validation);
  }

  /**
   * `offered` is what the client's ALPN lists: with nothing in common Envoy goes on without ALPN, which the TLS library would refuse to do.
   * `timeoutMs` 0: no limit.
   */
  handshake(
    socket: Socket,
    offered: readonly string[],
    timeoutMs: number,
    deadlines: Deadlines,
    outcome: HandshakeOutcome,
  ): void {
    const common = this.applicationProtocols.filter((protocol) => offered.includes(protocol));
    let serverName = "";
    const tls = new TLSSocket(socket, {
      isServer: true,
      secureContext: this.#certificates.standard,
      requestCert: this.#asksForCertificate,
      rejectUnauthorized: this.#requiresCertificate,
      ...(common.length === 0 ? {} : { ALPNProtocols: common }),
      SNICallback: (name, choose) => {
        serverName = name.toLowerCase();
        choose(null, this.#certificates.forName(serverName));
      },
    });
    let settled = false;
    const fail = (reason: string, timedOut = false): void => {
      if (settled) return;
      settled = true;
      deadlines.disarm(deadline);
      tls.destroy();
      socket.destroy();
      outcome.failed(reason, timedOut);
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      if (settled) return;
      if (error.code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE")
        this.#stats.failVerifyNoCertificate.inc();
      else if (error.code?.startsWith("ERR_SSL_")) this.#stats.connectionError.inc();
      fail(handshakeFailureText(error));
    };
    const deadline = new Deadline(() => fail("", true));
    if (timeoutMs > 0) deadlines.arm(deadline, timeoutMs);
    // Errors before the end of the handshake come as "_tlsError" to a server's socket, later ones as "error".
    tls.on("_tlsError", onError);
    tls.on("error", onError);
    tls.on("close", () => fail(""));
    tls.on("end", () => fail(""));
    tls.on("secure", () => {
      if (settled) return;
      const certificate = this.#asksForCertificate ? tls.getPeerX509Certificate() : undefined;
      const problem = this.#checkPeer(tls, certificate);
      if (problem !== undefined) {
        fail(problem);
        return;
      }
      settled = true;
      deadlines.disarm(deadline);
      // node:http2 waits for a handshake while this is set, and only tls.Server and tls.connect() take it back.
      Object.assign(tls, { secureConnecting: false });
      const info = tlsConnectionInfo(tls, serverName, certificate);
      this.#stats.handshaken(info);
      outcome.secured(tls, info);
    });
  }

  /** What is wrong with the client's certificate. */
  #checkPeer(tls: TLSSocket, certificate: X509Certificate | undefined): string | undefined {
    if (!this.#asksForCertificate) return undefined;
    if (certificate === undefined) {
      if (!this.#requiresCertificate) return undefined;
      this.#stats.failVerifyNoCertificate.inc();
      return missingCertificateText();
    }
    const problem = this.#verify(certificate, chainError(tls));
    if (problem === undefined) return undefined;
    this.#stats.verificationFailed(problem.kind);
    return problem.accepted ? undefined : verifyFailureText(problem.text);
  }
}

/** `authorizationError` is for sockets of a tls.Server; here only the handle knows the result. */
function chainError(tls: TLSSocket): string | undefined {
  const { ssl } = tls as unknown as {
    readonly ssl: { verifyError(): NodeJS.ErrnoException | null };
  };
  const error = ssl.verifyError();
  return error === null ? undefined : (error.code ?? error.message);
}
