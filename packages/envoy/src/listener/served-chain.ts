/** A filter chain at work: what a listener hands its connections to. */
import type { Socket } from "node:net";
import type { ConnectionInfo, Protocol } from "../http/stream.ts";
import type { ServerTls } from "../tls/server-tls.ts";
import type { Deadlines } from "./deadlines.ts";

export interface ServedChain {
  readonly name: string;
  /** Undefined: plain TCP. */
  readonly tls: ServerTls | undefined;
  /** How long a handshake may take; 0: no limit. */
  readonly handshakeTimeoutMs: number;
  /** The chain has been chosen; with TLS the handshake is still to come. */
  onConnectionOpened(info: ConnectionInfo): void;
  onConnectionClosed(info: ConnectionInfo): void;
  /** `first` has been read of the connection already. */
  serve(
    socket: Socket,
    info: ConnectionInfo,
    first: Buffer | undefined,
    deadlines: Deadlines,
  ): ServedConnection;
  /** What has been spoken on it; undefined where that is no HTTP. */
  protocolOf?(connection: ServedConnection): Protocol | undefined;
}

export interface ServedConnection {
  /** No more than what is under way. */
  drain(): void;
  /** The socket is gone. */
  socketClosed(): void;
}
