/** One end of an HTTP/1 connection: sends the bytes it is told to and keeps what comes. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export class Http1Peer {
  /** All that came, latin-1. */
  text = "";
  /** How the other side ended it; empty: it did not. */
  ending: "" | "FIN" | "RST" = "";
  readonly #socket: Socket;
  #waiting: (() => void)[] = [];
  /** Told of what has come whenever more comes. */
  onText: (text: string) => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.text += chunk.toString("latin1");
      this.#wake();
      this.onText(this.text);
    });
    socket.on("end", () => this.#ended("FIN"));
    socket.on("error", () => this.#ended("RST"));
  }

  static async connect(port: number): Promise<Http1Peer> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const peer = new Http1Peer(socket);
    await once(socket, "connect");
    return peer;
  }

  send(text: string): void {
    if (this.#socket.writable) this.#socket.write(Buffer.from(text, "latin1"));
  }

  /** A piece every so many milliseconds, while the connection lasts. */
  async drip(pieces: readonly string[], everyMs: number): Promise<void> {
    for (const piece of pieces) {
      if (this.ending !== "" || this.#socket.destroyed) return;
      this.send(piece);
      await sleep(everyMs);
    }
  }

  end(): void {
    this.#socket.end();
  }

  rst(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Until the text holds it or the other side has ended, at most `ms`. */
  async until(what: string | RegExp, ms = 2_000): Promise<boolean> {
    const deadline = Date.now() + ms;
    const holds = () =>
      typeof what === "string" ? this.text.includes(what) : what.test(this.text);
    while (!holds() && this.ending === "" && Date.now() < deadline) await this.#change(deadline);
    return holds();
  }

  /** Until the other side has ended, at most `ms`. */
  async untilEnded(ms = 2_000): Promise<boolean> {
    const deadline = Date.now() + ms;
    while (this.ending === "" && Date.now() < deadline) await this.#change(deadline);
    return this.ending !== "";
  }

  async #change(deadline: number): Promise<void> {
    const left = Math.max(1, deadline - Date.now());
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #ended(how: "FIN" | "RST"): void {
    if (this.ending === "") this.ending = how;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
