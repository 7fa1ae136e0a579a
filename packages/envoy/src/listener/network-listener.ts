/**
 * Accepts TCP connections. The listener filters look at the first bytes, a filter chain is chosen, TLS is established where the chain has it,
 * and then the chain's filter has the connection.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { ConnectionInfo, Protocol } from "../http/stream.ts";
import { nowMicros } from "../time/clock.ts";
import { nextConnectionId } from "./connection-id.ts";
import { Deadlines } from "./deadlines.ts";
import type { ConnectionFacts } from "./filter-chain-table.ts";
import { type Inspection, type InspectOptions, inspectConnection } from "./inspect-connection.ts";
import type { ServedChain, ServedConnection } from "./served-chain.ts";

/** What a listener does with its connections; a changed file puts another in place for those to come. */
export interface ListenerPlan {
  /** For %LISTENER_NAME%. */
  readonly name?: string;
  readonly find: (facts: ConnectionFacts) => ServedChain | undefined;
  /** Undefined: there are no listener filters. */
  readonly inspect: InspectOptions | undefined;
  readonly events: ListenerEvents;
}

export interface ListenerEvents {
  onNoFilterChain(info: ConnectionInfo, startMicros: number): void;
  /** The listener filters have waited long enough; `closed`: that was the end of the connection. */
  onInspectionTimeout(info: ConnectionInfo, startMicros: number, closed: boolean): void;
  onHandshakeTimeout(): void;
  /** A connection for which a chain was chosen is over. */
  onClosed(closed: ClosedConnection): void;
}

export interface ClosedConnection {
  readonly info: ConnectionInfo;
  readonly startMicros: number;
  /** Of what its filter got to see: inside TLS, where there was TLS. */
  readonly socket: Socket;
  /** Undefined where no HTTP was spoken. */
  readonly protocol: Protocol | undefined;
  /** Why its handshake came to nothing; empty otherwise. */
  readonly failure: string;
}

export interface ListenOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly backlog?: number;
}

/** A connection of the listener's, from when it was accepted. */
interface Accepted extends Omit<ClosedConnection, "protocol"> {
  info: ConnectionInfo;
  chain: ServedChain | undefined;
  /** Undefined until the chain's filter has it. */
  served: ServedConnection | undefined;
  socket: Socket;
  failure: string;
}

/** To see what the client's ALPN offers. */
const readHello = { filters: [{ type: "TlsInspector" }], continueOnTimeout: false } as const;

const plain: Inspection = {
  serverName: "",
  transportProtocol: "raw_buffer",
  applicationProtocols: [],
};

export class NetworkListener {
  address = "";
  port = 0;
  #plan: ListenerPlan;
  readonly #server: Server;
  readonly #deadlines = new Deadlines();
  readonly #connections = new Map<Socket, Accepted>();
  #whenEmpty: (() => void) | undefined;
  #draining = false;

  constructor(plan: ListenerPlan) {
    this.#plan = plan;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true });
    this.#server.on("connection", (socket) => this.#accept(socket));
    this.#server.on("drop", () => {});
  }

  get activeConnections(): number {
    return this.#connections.size;
  }

  /** Rejects when the address cannot be bound. */
  listen({ address, port, backlog }: ListenOptions): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address, port, ...(backlog === undefined ? {} : { backlog }) }, () => {
        server.off("error", reject);
        // A listening socket can still fail (too many open files); accepting goes on with the next connection.
        server.on("error", () => {});
        const bound = server.address() as AddressInfo;
        this.address = bound.address;
        this.port = bound.port;
        resolve();
      });
    });
  }

  /** Connections from now on go by this. */
  replace(plan: ListenerPlan): void {
    this.#plan = plan;
  }

  /** Accepts no more; running requests are answered with the close announced, idle connections end. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#server.close();
    for (const [socket, { served }] of this.#connections) {
      if (served === undefined) socket.destroy();
      else served.drain();
    }
  }

  /** `drain`, then after `graceMs` at most, cuts what is left. */
  async close(graceMs: number): Promise<void> {
    this.drain();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          for (const socket of this.#connections.keys()) socket.destroy();
        }, graceMs);
        this.#whenEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#deadlines.close();
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    if (remoteAddress === undefined || localAddress === undefined || this.#draining) {
      socket.destroy();
      return;
    }
    const plan = this.#plan;
    const startMicros = nowMicros();
    const info: ConnectionInfo = {
      id: nextConnectionId(),
      remoteAddress: unmapped(remoteAddress),
      remotePort: remotePort ?? 0,
      localAddress: unmapped(localAddress),
      localPort: localPort ?? 0,
      startMicros,
      listener: plan.name ?? "",
    };
    const accepted: Accepted = {
      info,
      startMicros,
      socket,
      chain: undefined,
      served: undefined,
      failure: "",
    };
    this.#connections.set(socket, accepted);
    // "close" follows and says all there is to do.
    socket.on("error", () => {});
    socket.on("close", () => this.#closed(socket, accepted, plan));
    if (plan.inspect === undefined) {
      this.#choose(socket, accepted, plan, plain, undefined);
      return;
    }
    inspectConnection(socket, plan.inspect, this.#deadlines, {
      inspected: (found, first) => this.#choose(socket, accepted, plan, found, first),
      timedOut: () => {
        const closed = !(plan.inspect?.continueOnTimeout ?? false);
        plan.events.onInspectionTimeout(info, accepted.startMicros, closed);
      },
    });
  }

  #choose(
    socket: Socket,
    accepted: Accepted,
    plan: ListenerPlan,
    found: Inspection,
    first: Buffer | undefined,
  ): void {
    const { info } = accepted;
    const chain = plan.find({ ...info, ...found });
    if (chain === undefined) {
      plan.events.onNoFilterChain(info, accepted.startMicros);
      socket.destroy();
      return;
    }
    accepted.chain = chain;
    if (found.serverName !== "" || chain.name !== "")
      accepted.info = { ...info, requestedServerName: found.serverName, filterChain: chain.name };
    chain.onConnectionOpened(accepted.info);
    if (chain.tls === undefined) this.#serve(socket, socket, accepted, chain, first);
    else if (chain.tls.applicationProtocols.length === 0 || found.transportProtocol === "tls")
      this.#secure(socket, accepted, chain, plan.events, found.applicationProtocols, first);
    else {
      const options = { ...readHello, timeoutMs: chain.handshakeTimeoutMs };
      inspectConnection(socket, options, this.#deadlines, {
        inspected: ({ applicationProtocols }, read) =>
          this.#secure(socket, accepted, chain, plan.events, applicationProtocols, read),
        timedOut: () => plan.events.onHandshakeTimeout(),
      });
    }
  }

  #secure(
    socket: Socket,
    accepted: Accepted,
    chain: ServedChain,
    events: ListenerEvents,
    offered: readonly string[],
    first: Buffer | undefined,
  ): void {
    if (first !== undefined && first.length > 0) {
      socket.pause();
      socket.unshift(first);
    }
    chain.tls?.handshake(socket, offered, chain.handshakeTimeoutMs, this.#deadlines, {
      secured: (secure, tls) => {
        accepted.info = { ...accepted.info, tls };
        this.#serve(socket, secure, accepted, chain, undefined);
      },
      failed: (reason, timedOut) => {
        accepted.failure = reason;
        if (timedOut) events.onHandshakeTimeout();
      },
    });
  }

  /** `raw` is the TCP connection under `socket`, or the same. */
  #serve(
    raw: Socket,
    socket: Socket,
    accepted: Accepted,
    chain: ServedChain,
    first: Buffer | undefined,
  ): void {
    if (this.#draining) {
      raw.destroy();
      return;
    }
    const served = chain.serve(socket, accepted.info, first, this.#deadlines);
    accepted.served = served;
    accepted.socket = socket;
    if (raw.destroyed) served.socketClosed();
  }

  #closed(socket: Socket, accepted: Accepted, plan: ListenerPlan): void {
    const { chain, served, info } = accepted;
    this.#connections.delete(socket);
    served?.socketClosed();
    if (chain !== undefined) {
      chain.onConnectionClosed(info);
      const protocol = served && chain.protocolOf?.(served);
      plan.events.onClosed({ ...accepted, protocol });
    }
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }
}

/** An IPv4 peer of a dual-stack socket shows as ::ffff:a.b.c.d; Envoy says a.b.c.d. */
function unmapped(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
