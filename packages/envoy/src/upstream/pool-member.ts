/** One connection of a pool, from the attempt to open it to its end. */
import type { Socket } from "node:net";
import type {
  ConnectionInfo,
  PoolFailureReason,
  PoolOptions,
  UpstreamReceiver,
  UpstreamStream,
} from "../http/stream.ts";
import { type ClientConnectionOwner, Http1ClientConnection } from "../http1/client-connection.ts";
import { Http2ClientConnection, type Http2ClientOwner } from "../http2/client-connection.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";
import { type ConnectOutcome, openConnection } from "./connect.ts";
import { SharedReads } from "./shared-reads.ts";

/** The pool, as its connections see it. */
export interface PoolMemberOwner {
  connected(member: PoolMember): void;
  connectFailed(member: PoolMember, reason: PoolFailureReason, details: string | undefined): void;
  /** A stream of it is over and it goes on. */
  streamEnded(member: PoolMember): void;
  /** The peer allows more or fewer streams at a time. */
  capacityChanged(member: PoolMember): void;
  /** The peer wants no more streams on it. */
  goAwayReceived(member: PoolMember): void;
  idleTimedOut(member: PoolMember): void;
  /** Gone, whatever the reason; no other call follows. */
  disconnected(member: PoolMember, byPeer: boolean, interrupted: boolean): void;
}

export class PoolMember implements ClientConnectionOwner, Http2ClientOwner {
  /** Streams under way. */
  active = 0;
  /** The pool has it among those with room. */
  isListed = false;
  /** Takes no more streams; closes after the last one. */
  draining = false;
  /** How many streams it will carry at a time, as far as is known before it is there. */
  readonly expectedCapacity: number;

  readonly #owner: PoolMemberOwner;
  readonly #options: PoolOptions;
  readonly #deadlines: Deadlines;
  readonly #idle: Deadline;
  readonly #giveUp: () => void;
  #connection: Http1ClientConnection | Http2ClientConnection | undefined;

  constructor(owner: PoolMemberOwner, options: PoolOptions, deadlines: Deadlines) {
    this.#owner = owner;
    this.#options = options;
    this.#deadlines = deadlines;
    this.expectedCapacity = Math.min(
      maxStreams(options),
      options.maxRequestsPerConnection ?? manyStreams,
    );
    // The deadline of a connection that has been taken meanwhile finds it busy.
    this.#idle = new Deadline(() => {
      if (this.active === 0) this.#owner.idleTimedOut(this);
    });
    const isPlainHttp1 = options.protocol === "HTTP/1.1" && options.host.transport === undefined;
    const reads = isPlainHttp1 ? new SharedReads() : undefined;
    const outcome: ConnectOutcome = {
      connected: (socket, info) => this.#connected(socket, info, reads),
      failed: (reason, details) => owner.connectFailed(this, reason, details),
    };
    const { connectTimeoutMs } = options;
    this.#giveUp = openConnection(options.host, connectTimeoutMs, deadlines, outcome, reads);
  }

  get isConnecting(): boolean {
    return this.#connection === undefined;
  }

  get hasRoom(): boolean {
    const connection = this.#connection;
    if (this.draining || connection === undefined) return false;
    if (connection instanceof Http1ClientConnection) return this.active === 0;
    const { maxConcurrentStreams = manyStreams } = this.#options.http2 ?? {};
    return this.active < Math.min(maxConcurrentStreams, connection.maxConcurrentStreams);
  }

  /** The number of requests that a connection may carry has been reached. */
  get isUsedUp(): boolean {
    const { maxRequestsPerConnection } = this.#options;
    const requests = this.#connection?.requests ?? 0;
    return maxRequestsPerConnection !== undefined && requests >= maxRequestsPerConnection;
  }

  /** There must be room. */
  begin(receiver: UpstreamReceiver): UpstreamStream {
    this.active++;
    return (this.#connection as Http1ClientConnection).begin(receiver);
  }

  waitForUse(): void {
    this.#deadlines.arm(this.#idle, this.#options.idleTimeoutMs);
  }

  /** Cuts what is under way. */
  close(): void {
    if (this.#connection === undefined) this.#giveUp();
    else this.#connection.close();
  }

  #connected(socket: Socket, info: ConnectionInfo, reads: SharedReads | undefined): void {
    const { protocol } = this.#options;
    const isHttp2 =
      protocol === "ALPN" ? info.tls?.applicationProtocol === "h2" : protocol === "HTTP/2";
    this.#connection = isHttp2
      ? new Http2ClientConnection(socket, info, this.#options, this)
      : new Http1ClientConnection(socket, info, this.#options, this, reads);
    this.#owner.connected(this);
  }

  // --- from the connection --------------------------------------------------------------------------------------------------------------

  becameIdle(): void {
    this.streamEnded();
  }

  streamEnded(): void {
    this.active--;
    this.#owner.streamEnded(this);
  }

  capacityChanged(): void {
    this.#owner.capacityChanged(this);
  }

  goAwayReceived(): void {
    this.#owner.goAwayReceived(this);
  }

  closed(_connection: object, byPeer: boolean, interrupted: boolean): void {
    this.#deadlines.disarm(this.#idle);
    this.#owner.disconnected(this, byPeer, interrupted);
  }
}

/** What an HTTP/2 peer that does not say allows. */
const manyStreams = 2 ** 31 - 1;

function maxStreams({ protocol, http2 }: PoolOptions): number {
  return protocol === "HTTP/2" ? (http2?.maxConcurrentStreams ?? manyStreams) : 1;
}
