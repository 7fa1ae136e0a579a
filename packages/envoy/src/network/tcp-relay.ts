/** Two connections joined: bytes go both ways no faster than the other side takes them, and each direction ends by itself. */
import type { Socket } from "node:net";

export interface TcpRelayEvents {
  /** On their way up, or down. */
  onUpstreamBound(bytes: number): void;
  onDownstreamBound(bytes: number): void;
  onPaused(): void;
  onResumed(): void;
  /** Both directions are over, or one side was cut. Not called after `close`. */
  onOver(how: TcpRelayEnd): void;
}

export type TcpRelayEnd = "both ended" | "downstream cut" | "upstream cut";

export class TcpRelay {
  readonly #downstream: Socket;
  readonly #upstream: Socket;
  readonly #events: TcpRelayEvents;
  /** Sides that have sent all they had to. */
  readonly #ended = new Set<Socket>();
  #finished = 0;
  #over = false;

  constructor(downstream: Socket, upstream: Socket, events: TcpRelayEvents) {
    this.#downstream = downstream;
    this.#upstream = upstream;
    this.#events = events;
  }

  /** `first` came from downstream before anything else. */
  start(first: Buffer | undefined): void {
    const { onUpstreamBound, onDownstreamBound, onPaused, onResumed } = this.#events;
    const events = this.#events;
    this.#watch(this.#downstream, "downstream cut");
    this.#watch(this.#upstream, "upstream cut");
    if (first !== undefined && first.length > 0) {
      onUpstreamBound.call(events, first.length);
      this.#upstream.write(first);
    }
    this.#join(this.#downstream, this.#upstream, {
      bytes: (count) => onUpstreamBound.call(events, count),
      paused: () => onPaused.call(events),
      resumed: () => onResumed.call(events),
    });
    this.#join(this.#upstream, this.#downstream, {
      bytes: (count) => onDownstreamBound.call(events, count),
      paused() {},
      resumed() {},
    });
  }

  /** Cuts both sides. */
  close(): void {
    this.#over = true;
    this.#downstream.destroy();
    this.#upstream.destroy();
  }

  #join(
    from: Socket,
    to: Socket,
    told: { bytes(count: number): void; paused(): void; resumed(): void },
  ): void {
    from.on("data", (chunk: Buffer) => {
      told.bytes(chunk.length);
      if (to.write(chunk) || this.#over || !to.writable) return;
      from.pause();
      told.paused();
    });
    to.on("drain", () => {
      if (!from.isPaused()) return;
      from.resume();
      told.resumed();
    });
    from.on("end", () => {
      this.#ended.add(from);
      // The other direction goes on: only when both have ended is it over.
      to.end(() => this.#oneFinished());
    });
    if (from.isPaused()) from.resume();
  }

  #oneFinished(): void {
    this.#finished += 1;
    if (this.#finished === 2) this.#finish("both ended");
  }

  #watch(socket: Socket, cut: TcpRelayEnd): void {
    // A side that ended in order and then takes no more has just closed: that is no cut.
    const gone = (): void => this.#finish(this.#ended.has(socket) ? "both ended" : cut);
    socket.on("error", gone);
    socket.on("close", gone);
  }

  #finish(how: TcpRelayEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (how === "both ended") {
      this.#downstream.destroySoon();
      this.#upstream.destroySoon();
    } else {
      // The other side learns that it was no orderly end.
      reset(how === "upstream cut" ? this.#downstream : this.#upstream);
    }
    this.#events.onOver(how);
  }
}

/** TLS has no reset of its own: there the connection just ends. */
function reset(socket: Socket): void {
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}
