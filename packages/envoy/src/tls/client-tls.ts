/** The client's side of TLS, towards the endpoints of one cluster. */
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import type { Environment } from "../config/data-source-bytes.ts";
import type { UpstreamTlsContext } from "../config/tls-context.ts";
import { loadCredentials } from "../config/tls-credentials.ts";
import { handshakeFailureText, verifyFailureText } from "./failure-text.ts";
import { contextOptions, createContext } from "./secure-contexts.ts";
import { type TlsConnectionInfo, tlsConnectionInfo } from "./tls-connection-info.ts";
import type { TlsStats } from "./tls-stats.ts";
import { compileVerification, type PeerProblem, type VerifyPeer } from "./verify-peer.ts";

export interface ClientHandshakeOptions {
  /** What the protocol needs; the context's own list comes first. */
  readonly applicationProtocols: readonly string[];
  /** Of the request's host, where the cluster says so; the context's own comes first. */
  readonly serverName?: string;
  /** The endpoint's. */
  readonly hostName: string;
  /** The certificate has to be for that name. */
  readonly verifiedName?: string;
}

export interface ClientHandshakeOutcome {
  secured(socket: TLSSocket, info: TlsConnectionInfo): void;
  /** The connection has been closed; `reason` is Envoy's, perhaps empty. */
  failed(reason: string): void;
}

export class ClientTls {
  readonly #config: UpstreamTlsContext;
  readonly #context: SecureContext;
  readonly #verify: VerifyPeer;
  readonly #stats: TlsStats;

  constructor(config: UpstreamTlsContext, stats: TlsStats, env: Environment) {
    const common = config.commonTlsContext;
    this.#config = config;
    this.#stats = stats;
    this.#context = createContext(
      contextOptions(common, "client", env),
      (common?.tlsCertificates ?? []).map((one) => loadCredentials(one, env)),
    );
    this.#verify = compileVerification(common?.validationContext);
  }

  handshake(
    socket: Socket,
    options: ClientHandshakeOptions,
    outcome: ClientHandshakeOutcome,
  ): void {
    const { alpnProtocols = [] } = this.#config.commonTlsContext ?? {};
    const serverName = this.#serverName(options);
    const tls = connect({
      socket,
      secureContext: this.#context,
      servername: serverName,
      // Verified below: Envoy's rules are not the TLS library's.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ALPNProtocols: [...(alpnProtocols.length > 0 ? alpnProtocols : options.applicationProtocols)],
    });
    let settled = false;
    // A reset comes to the TLS socket without its cause.
    let broken: NodeJS.ErrnoException | undefined;
    socket.on("error", (error) => {
      broken = error;
    });
    const fail = (reason: string): void => {
      if (settled) return;
      settled = true;
      tls.destroy();
      socket.destroy();
      outcome.failed(reason);
    };
    tls.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("ERR_SSL_")) this.#stats.connectionError.inc();
      fail(handshakeFailureText(broken ?? error));
    });
    tls.on("close", () => fail(broken === undefined ? "" : handshakeFailureText(broken)));
    tls.on("secureConnect", () => {
      if (settled) return;
      const certificate = tls.getPeerX509Certificate();
      const problem = this.#checkPeer(tls, certificate, options, serverName);
      if (problem !== undefined) this.#stats.verificationFailed(problem.kind);
      if (problem?.accepted === false) {
        fail(verifyFailureText(problem.text));
        return;
      }
      settled = true;
      const info = tlsConnectionInfo(tls, serverName, certificate);
      this.#stats.handshaken(info);
      outcome.secured(tls, info);
    });
  }

  #serverName({ serverName, hostName }: ClientHandshakeOptions): string {
    const { sni = "", autoHostSni } = this.#config;
    if (serverName !== undefined && serverName !== "") return serverName;
    if (autoHostSni && hostName !== "") return hostName;
    return sni;
  }

  #checkPeer(
    tls: TLSSocket,
    certificate: X509Certificate | undefined,
    { verifiedName }: ClientHandshakeOptions,
    serverName: string,
  ): PeerProblem | undefined {
    if (certificate === undefined) return undefined;
    const error = tls.authorizationError as unknown as string | undefined;
    const name = this.#config.autoSniSanValidation ? serverName : verifiedName;
    return this.#verify(certificate, error ?? undefined, name);
  }
}
