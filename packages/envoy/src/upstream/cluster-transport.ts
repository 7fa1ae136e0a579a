/** What lies between TCP and the codec on a cluster's connections: nothing, or TLS. */
import { isIP } from "node:net";
import type { Cluster as ClusterConfig } from "../config/cluster.ts";
import type { Environment } from "../config/data-source-bytes.ts";
import { upstreamProtocolOptionsKey } from "../config/upstream-protocol-options.ts";
import type { StatsStore } from "../stats/stats-store.ts";
import { ClientTls } from "../tls/client-tls.ts";
import { TlsStats } from "../tls/tls-stats.ts";
import type { UpstreamTransport } from "./connect.ts";
import type { Host } from "./host.ts";

export class ClusterTransport {
  readonly #tls: ClientTls | undefined;
  readonly #autoSni: boolean;
  readonly #autoSanValidation: boolean;

  constructor(config: ClusterConfig, stats: StatsStore, env: Environment) {
    const context = config.transportSocket?.config;
    const options =
      config.typedExtensionProtocolOptions[upstreamProtocolOptionsKey]
        ?.upstreamHttpProtocolOptions ?? config.upstreamHttpProtocolOptions;
    this.#autoSni = options?.autoSni ?? false;
    this.#autoSanValidation = options?.autoSanValidation ?? false;
    if (context?.type !== "UpstreamTlsContext") return;
    const scope = `cluster.${config.altStatName ?? config.name}.`;
    this.#tls = new ClientTls(context, new TlsStats(stats, scope), env);
  }

  get isSecure(): boolean {
    return this.#tls !== undefined;
  }

  /** The part of a request's authority that decides on the connection; connections differ by it. */
  serverNameOf(authority: string | undefined): string {
    if (this.#tls === undefined || authority === undefined) return "";
    if (!this.#autoSni && !this.#autoSanValidation) return "";
    return hostOf(authority);
  }

  /** Undefined: plain TCP. `applicationProtocols` are for ALPN, unless the file has its own. */
  forHost(
    host: Host,
    applicationProtocols: readonly string[],
    serverName: string,
  ): UpstreamTransport | undefined {
    const tls = this.#tls;
    if (tls === undefined) return undefined;
    const options = {
      applicationProtocols,
      hostName: host.hostname,
      // An address is no server name, but a certificate can be for one.
      ...(this.#autoSni && isIP(serverName) === 0 ? { serverName } : {}),
      ...(this.#autoSanValidation && serverName !== "" ? { verifiedName: serverName } : {}),
    };
    return { secure: (socket, outcome) => tls.handshake(socket, options, outcome) };
  }
}

/** Without the port, without the brackets of an IPv6 address. */
function hostOf(authority: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(authority)?.[1];
  return (bracketed ?? authority.replace(/:\d+$/, "")).toLowerCase();
}
