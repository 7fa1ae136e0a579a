import type { Socket } from "node:net";
import { Deadline, type Deadlines } from "./deadlines.ts";

/** What Envoy compares the first bytes with: no HTTP/1 request can begin like this. */
const http2Preface = Buffer.from("PRI * HTTP/2", "latin1");

/** Reads just enough of a fresh connection, of which `first` has been read, to know its protocol; calls `found` once with what it has read. */
export function detectProtocol(
  socket: Socket,
  deadlines: Deadlines,
  idleTimeoutMs: number | undefined,
  first: Buffer | undefined,
  found: (protocol: "HTTP/1" | "HTTP/2", first: Buffer) => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  const deadline = new Deadline(() => socket.destroy());
  if (idleTimeoutMs !== undefined) deadlines.arm(deadline, idleTimeoutMs);

  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, http2Preface.length);
    const matches = seen.compare(http2Preface, 0, length, 0, length) === 0;
    if (matches && length < http2Preface.length) return;
    stop();
    found(matches ? "HTTP/2" : "HTTP/1", seen);
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  const stop = (): void => {
    deadlines.disarm(deadline);
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.off("close", stop);
  };
  socket.on("data", onData);
  socket.on("end", onEnd);
  socket.on("close", stop);
  if (first !== undefined && first.length > 0) onData(first);
}
