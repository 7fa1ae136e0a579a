/** A filter chain without filters: nobody is there to talk to. */
import type { Socket } from "node:net";
import type { ListenerStats } from "./listener-stats.ts";
import type { ServedChain, ServedConnection } from "./served-chain.ts";

export class ClosedChain implements ServedChain {
  readonly name: string;
  readonly tls = undefined;
  readonly handshakeTimeoutMs = 0;
  readonly #stats: ListenerStats;

  constructor(name: string, stats: ListenerStats) {
    this.name = name;
    this.#stats = stats;
  }

  onConnectionOpened(): void {
    this.#stats.connections.inc();
    this.#stats.activeConnections.inc();
  }

  onConnectionClosed(): void {
    this.#stats.activeConnections.dec();
  }

  serve(socket: Socket): ServedConnection {
    socket.destroy();
    return { drain() {}, socketClosed() {} };
  }
}
