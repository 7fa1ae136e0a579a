/** One end of an HTTP/2 connection, frame by frame: says nothing by itself and writes down what it is told. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  errorNames,
  type Frame,
  FrameReader,
  flags,
  frame,
  frameTypes,
  preface,
  type SettingPairs,
  settings,
  settingsAck,
} from "./frames.ts";
import { encodeHeaderList, type HeaderList, HpackDecoder } from "./hpack.ts";

/** A frame in words, e.g. `HEADERS 1 end :status=200`, or `closed`. */
export type Event = string;

export class Http2Peer {
  readonly events: Event[] = [];
  /** Told of every frame as it comes. */
  onFrame: (frame: Frame, peer: Http2Peer) => void = () => {};
  isClosed = false;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #hpack = new HpackDecoder();
  #prefaceLeft: number;
  #block: Buffer[] = [];
  #waiting: (() => void)[] = [];

  constructor(socket: Socket, isServer: boolean) {
    this.#socket = socket;
    this.#prefaceLeft = isServer ? preface.length : 0;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => {});
    // Whether by FIN or by RST depends on what was still on its way.
    socket.on("close", () => this.#closed());
  }

  static async connect(port: number): Promise<Http2Peer> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new Http2Peer(socket, false);
  }

  /** As `connect`, with the preface and settings sent. */
  static async greet(port: number, ...own: SettingPairs): Promise<Http2Peer> {
    const peer = await Http2Peer.connect(port);
    peer.send(preface, settings(...own), settingsAck);
    return peer;
  }

  send(...frames: readonly Buffer[]): void {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(frames));
  }

  headers(stream: number, list: HeaderList, endStream = false): void {
    this.send(headersFrame(stream, list, endStream));
  }

  /** Resolves once an event begins so (or the connection is closed), or after `ms`. */
  async until(start: string | RegExp, ms = 2_000): Promise<boolean> {
    const deadline = Date.now() + ms;
    const matches = (event: Event) =>
      typeof start === "string" ? event.startsWith(start) : start.test(event);
    while (!this.events.some(matches)) {
      const left = deadline - Date.now();
      if (left <= 0 || this.isClosed) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return true;
  }

  /** Reads no more until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  rst(): void {
    this.#socket.resetAndDestroy();
  }

  #read(chunk: Buffer): void {
    const skipped = Math.min(this.#prefaceLeft, chunk.length);
    this.#prefaceLeft -= skipped;
    for (const frame of this.#reader.push(chunk.subarray(skipped))) {
      const event = this.#describe(frame);
      if (event !== undefined) this.#note(event);
      this.onFrame(frame, this);
    }
  }

  #closed(): void {
    this.isClosed = true;
    this.#note("closed");
  }

  #note(event: Event): void {
    this.events.push(event);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #describe(frame: Frame): Event | undefined {
    const { type, stream, payload } = frame;
    switch (type) {
      case frameTypes.headers:
      case frameTypes.continuation:
        return this.#describeHeaders(frame);
      case frameTypes.data:
        return `DATA ${stream}${endOf(frame)} ${payload.length}`;
      case frameTypes.reset:
        return `RST_STREAM ${stream} ${codeName(payload.readUInt32BE(0))}`;
      case frameTypes.settings:
        return frame.flags & flags.ack ? "SETTINGS ack" : `SETTINGS ${settingsOf(payload)}`;
      case frameTypes.ping:
        return `PING${frame.flags & flags.ack ? " ack" : ""}`;
      case frameTypes.goAway:
        return `GOAWAY ${payload.readUInt32BE(0)} ${codeName(payload.readUInt32BE(4))}`;
      case frameTypes.windowUpdate:
        return `WINDOW_UPDATE ${stream} ${payload.readUInt32BE(0)}`;
      default:
        return `frame ${type}`;
    }
  }

  #describeHeaders(frame: Frame): Event | undefined {
    const { payload } = frame;
    const isPrioritised = frame.type === frameTypes.headers && frame.flags & flags.priority;
    this.#block.push(isPrioritised ? payload.subarray(5) : payload);
    if (!(frame.flags & flags.endHeaders)) return undefined;
    const list = this.#hpack.decode(Buffer.concat(this.#block));
    this.#block = [];
    const fields = list.map(([name, value]) => `${name}=${value}`).join(" ");
    return `HEADERS ${frame.stream}${endOf(frame)} ${fields}`;
  }
}

export function headersFrame(stream: number, list: HeaderList, endStream = false): Buffer {
  const bits = flags.endHeaders | (endStream ? flags.endStream : 0);
  return frame(frameTypes.headers, bits, stream, encodeHeaderList(list));
}

const endOf = (frame: Frame) => (frame.flags & flags.endStream ? " end" : "");
const codeName = (code: number) => errorNames[code] ?? `code ${code}`;

function settingsOf(payload: Buffer): string {
  const pairs: string[] = [];
  for (let at = 0; at < payload.length; at += 6)
    pairs.push(`${payload.readUInt16BE(at)}=${payload.readUInt32BE(at + 2)}`);
  return pairs.join(" ");
}
