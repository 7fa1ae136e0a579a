import type { Socket } from "node:net";
import { acceptSpans } from "./collector-api.ts";
import { type Failure, failureOf } from "./failure.ts";
import { type PostHead, PostHeadReader } from "./post-head.ts";
import type { PostLane } from "./post-lane.ts";

const HEAD_END = Buffer.from("\r\n\r\n");

/** A connection that has brought nothing but posts of spans so far; see post-lane.ts. */
export class PostConnection {
  /** Before its first request, between two, or in the middle of a body. */
  state: "fresh" | "idle" | "busy" = "fresh";
  /** Since when: milliseconds, from any start. */
  since: number = performance.now();
  private readonly lane: PostLane;
  private readonly socket: Socket;
  /** A request whose body has not come as a whole, and how many bytes of it are to come. */
  private parts: Buffer[] = [];
  private missing = 0;
  private isLast = false;
  private readonly heads = new PostHeadReader();

  constructor(lane: PostLane, socket: Socket) {
    this.lane = lane;
    this.socket = socket;
    socket.on("data", this.onData).on("drain", this.onDrain).on("error", this.destroy);
    socket.on("end", this.onEnd).on("close", this.onClose);
  }

  /** Ends now, or after the request that is being received. */
  finish(): void {
    if (this.state === "busy") this.isLast = true;
    else this.destroy();
  }

  readonly destroy = (): void => {
    this.socket.destroy();
  };

  private readonly onData = (chunk: Buffer): void => {
    if (this.state === "busy") this.collect(chunk);
    else this.read(chunk);
  };

  private collect(chunk: Buffer): void {
    this.parts.push(chunk);
    this.missing -= chunk.length;
    if (this.missing > 0) return;
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    this.read(bytes);
  }

  /** Begins at a request. */
  private read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const body = bytes.indexOf(HEAD_END, at) + HEAD_END.length;
      const head = body < HEAD_END.length ? undefined : this.head(bytes, at, body);
      if (head === undefined) {
        this.handOver(bytes.subarray(at));
        return;
      }
      const end = body + head.length;
      if (end > bytes.length) {
        this.parts.push(bytes.subarray(at));
        this.missing = end - bytes.length;
        this.enter("busy");
        return;
      }
      this.post(head, bytes.subarray(body, end));
      at = end;
    }
    this.enter("idle");
    if (this.isLast) this.socket.end();
  }

  private head(bytes: Buffer, start: number, body: number): PostHead | undefined {
    return this.heads.read(bytes.toString("latin1", start, body - HEAD_END.length));
  }

  private enter(state: "idle" | "busy"): void {
    this.state = state;
    this.since = performance.now();
  }

  private post({ path, decode }: PostHead, body: Buffer): void {
    const { lane, socket } = this;
    let failure: Failure | undefined;
    try {
      acceptSpans(lane.context.collector, decode, body);
    } catch (error) {
      failure = failureOf(error, `POST ${path}`, lane.context.log);
    }
    // Whoever sends on without reading answers has to wait.
    const encoding = failure === undefined ? "latin1" : "utf8";
    if (!socket.write(lane.answer(failure), encoding)) socket.pause();
  }

  private handOver(bytes: Buffer): void {
    const { socket } = this;
    socket.off("data", this.onData).off("drain", this.onDrain).off("error", this.destroy);
    socket.off("end", this.onEnd).off("close", this.onClose);
    socket.unshift(bytes);
    this.lane.handOver(this, socket);
  }

  private readonly onDrain = (): void => {
    this.socket.resume();
  };

  private readonly onEnd = (): void => {
    const { socket } = this;
    if (this.state === "busy")
      socket.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    socket.end();
  };

  private readonly onClose = (): void => {
    this.lane.leave(this);
    if (this.state === "busy") this.lane.context.collector.refuse(false);
  };
}
