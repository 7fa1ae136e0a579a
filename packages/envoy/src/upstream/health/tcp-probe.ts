/** A connection, and perhaps bytes to send and bytes to find in what comes back. */
import type { Socket } from "node:net";
import type { Payload, TcpHealthCheck } from "../../config/health-check.ts";
import { Deadlines } from "../../listener/deadlines.ts";
import { type ConnectTarget, openConnection } from "../connect.ts";
import { networkFailure, type Probe, type ProbeResult } from "./probe.ts";

/** Bytes of an answer that are searched. */
const maxAnswerBytes = 64 * 1024;

const healthy: ProbeResult = { kind: "healthy", degraded: false };

export class TcpProbe implements Probe {
  readonly #target: ConnectTarget;
  readonly #timeoutMs: number;
  readonly #send: Buffer | undefined;
  readonly #receive: readonly Buffer[];
  readonly #deadlines = new Deadlines();

  constructor(config: TcpHealthCheck, target: ConnectTarget, timeoutMs: number) {
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    this.#send = config.send && bytesOf(config.send);
    this.#receive = config.receive.map(bytesOf);
  }

  start(done: (result: ProbeResult) => void): { cancel(): void } {
    let socket: Socket | undefined;
    let over = false;
    const finish = (result: ProbeResult): void => {
      if (over) return;
      over = true;
      socket?.destroy();
      done(result);
    };
    // The check's own timeout comes first.
    const giveUp = openConnection(this.#target, this.#timeoutMs * 2, this.#deadlines, {
      connected: (opened) => {
        if (over) {
          opened.destroy();
          return;
        }
        socket = opened;
        this.#converse(opened, finish);
      },
      failed: () => finish(networkFailure),
    });
    return {
      cancel: () => {
        over = true;
        giveUp();
        socket?.destroy();
      },
    };
  }

  close(): void {
    this.#deadlines.close();
  }

  #converse(socket: Socket, finish: (result: ProbeResult) => void): void {
    let answer: Buffer = Buffer.alloc(0);
    socket.on("error", () => finish(networkFailure));
    socket.on("close", () => finish(networkFailure));
    socket.on("end", () => finish(networkFailure));
    if (this.#send !== undefined) socket.write(this.#send);
    if (this.#receive.length === 0) {
      finish(healthy);
      return;
    }
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (containsInOrder(answer, this.#receive)) finish(healthy);
      else if (answer.length > maxAnswerBytes) finish(networkFailure);
    });
  }
}

/** All of `parts`, one after another, with anything between them. */
export function containsInOrder(answer: Buffer, parts: readonly Buffer[]): boolean {
  let from = 0;
  for (const part of parts) {
    const at = answer.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

function bytesOf({ text, binary }: Payload): Buffer {
  return text === undefined ? Buffer.from(binary ?? []) : Buffer.from(text, "hex");
}
