/**
 * Connections to one endpoint and the streams that use them or wait for one. It opens as many as the waiting streams need, as far as the
 * circuit breakers allow. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/connection_pooling
 */
import type {
  ConnectionPool,
  PoolFailureReason,
  PoolOptions,
  UpstreamReceiver,
} from "../http/stream.ts";
import { Deadlines } from "../listener/deadlines.ts";
import type { PoolAccount } from "./pool-account.ts";
import { PoolMember, type PoolMemberOwner } from "./pool-member.ts";

/** Nothing to cancel: the stream was there at once, or never. */
const settled = { cancel(): void {} };

/** How many connections one event may open. */
const maxConnectsAtOnce = 3;

class PendingStream {
  readonly receiver: UpstreamReceiver;
  readonly #pool: StreamPool;

  constructor(receiver: UpstreamReceiver, pool: StreamPool) {
    this.receiver = receiver;
    this.#pool = pool;
  }

  cancel(): void {
    this.#pool.cancelWait(this);
  }
}

export class StreamPool implements ConnectionPool, PoolMemberOwner {
  readonly #options: PoolOptions;
  readonly #account: PoolAccount;
  readonly #deadlines = new Deadlines();
  readonly #members = new Set<PoolMember>();
  /** Those with room; the one used last is used next. */
  readonly #ready: PoolMember[] = [];
  /** Streams that the connections being opened will carry. */
  #expectedCapacity = 0;
  #pending: PendingStream[] = [];
  #closing = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: PoolOptions, account: PoolAccount) {
    this.#options = options;
    this.#account = account;
  }

  get activeConnections(): number {
    let count = 0;
    for (const member of this.#members) if (!member.isConnecting) count++;
    return count;
  }

  get pendingStreams(): number {
    return this.#pending.length;
  }

  newStream(receiver: UpstreamReceiver): { cancel(): void } {
    if (this.#closing) {
      receiver.onPoolFailure("remote connection failure", "pool closed");
      return settled;
    }
    const member = this.#ready.at(-1);
    if (member !== undefined) {
      this.#attach(member, receiver);
      return settled;
    }
    if (!this.#account.mayWait()) {
      receiver.onPoolFailure("overflow");
      return settled;
    }
    const pending = new PendingStream(receiver, this);
    this.#pending.push(pending);
    this.#account.waiting();
    this.#connectAsNeeded();
    return pending;
  }

  cancelWait(pending: PendingStream): void {
    const at = this.#pending.indexOf(pending);
    if (at === -1) return;
    this.#pending.splice(at, 1);
    this.#account.waited();
    this.#account.waitCancelled();
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#failPending("remote connection failure", "pool closed");
    for (const member of [...this.#members]) {
      member.draining = true;
      if (member.active > 0) continue;
      if (member.isConnecting) this.disconnected(member, false, false);
      member.close();
    }
    if (this.#members.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          for (const member of [...this.#members]) member.close();
        }, graceMs);
        this.#whenEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#deadlines.close();
  }

  // --- from the connections -------------------------------------------------------------------------------------------------------------

  connected(member: PoolMember): void {
    this.#expectedCapacity -= member.expectedCapacity;
    this.#offer(member);
  }

  connectFailed(member: PoolMember, reason: PoolFailureReason, details: string | undefined): void {
    const timedOut = reason === "connection timeout";
    this.#account.connectFailed(timedOut);
    this.disconnected(member, !timedOut, false);
    // An endpoint that cannot be reached fails everybody who waits for it.
    this.#failPending(reason, details);
  }

  streamEnded(member: PoolMember): void {
    this.#account.streamEnded();
    if (member.draining || this.#closing) {
      if (member.active === 0) member.close();
      return;
    }
    this.#offer(member);
  }

  capacityChanged(member: PoolMember): void {
    this.#offer(member);
  }

  goAwayReceived(member: PoolMember): void {
    this.#account.goAwayReceived();
    this.#drain(member);
  }

  idleTimedOut(member: PoolMember): void {
    this.#account.idleTimedOut();
    member.close();
  }

  disconnected(member: PoolMember, byPeer: boolean, interrupted: boolean): void {
    if (!this.#members.delete(member)) return;
    if (member.isConnecting) this.#expectedCapacity -= member.expectedCapacity;
    this.#notReady(member);
    this.#account.disconnected(byPeer, member.active, interrupted);
    if (this.#pending.length > 0 && !member.isConnecting) this.#connectAsNeeded();
    if (this.#members.size === 0) this.#whenEmpty?.();
  }

  // --- streams to connections -----------------------------------------------------------------------------------------------------------

  /** Puts a connection to use, as far as it has room. */
  #offer(member: PoolMember): void {
    if (!member.hasRoom) {
      this.#notReady(member);
      return;
    }
    if (!member.isListed) {
      member.isListed = true;
      this.#ready.push(member);
    }
    if (this.#pending.length > 0) {
      this.#servePending();
      if (this.#pending.length > 0) this.#connectAsNeeded();
    }
    if (member.active === 0) member.waitForUse();
  }

  #servePending(): void {
    for (;;) {
      const member = this.#ready.at(-1);
      if (member === undefined) return;
      const next = this.#pending.shift();
      if (next === undefined) return;
      this.#account.waited();
      this.#attach(member, next.receiver);
    }
  }

  #attach(member: PoolMember, receiver: UpstreamReceiver): void {
    if (!this.#account.mayStart()) {
      receiver.onPoolFailure("active overflow");
      return;
    }
    this.#account.streamStarted();
    const stream = member.begin(receiver);
    if (member.isUsedUp) {
      this.#account.maxRequestsReached();
      this.#drain(member);
    } else if (!member.hasRoom) this.#notReady(member);
    receiver.onPoolReady(stream);
  }

  #drain(member: PoolMember): void {
    member.draining = true;
    this.#notReady(member);
    if (member.active === 0) member.close();
  }

  #notReady(member: PoolMember): void {
    if (!member.isListed) return;
    member.isListed = false;
    const ready = this.#ready;
    if (ready.at(-1) === member) ready.pop();
    else ready.splice(ready.indexOf(member), 1);
  }

  #connectAsNeeded(): void {
    for (let i = 0; i < maxConnectsAtOnce; i++) {
      if (this.#closing || this.#pending.length <= this.#expectedCapacity) return;
      const may = this.#account.mayConnect();
      // An endpoint without any connection gets one: else those who wait for it would wait for ever.
      if (!may && this.#members.size > 0) return;
      this.#account.connecting(this.#options.protocol);
      const member = new PoolMember(this, this.#options, this.#deadlines);
      this.#members.add(member);
      this.#expectedCapacity += member.expectedCapacity;
      if (!may) return;
    }
  }

  #failPending(reason: PoolFailureReason, details: string | undefined): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { receiver } of pending) {
      this.#account.waited();
      this.#account.waitFailed();
      receiver.onPoolFailure(reason, details);
    }
  }
}
