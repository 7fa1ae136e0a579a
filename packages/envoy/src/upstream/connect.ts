import { connect, type Socket } from "node:net";
import type { ConnectionInfo, PoolFailureReason } from "../http/stream.ts";
import { nextConnectionId } from "../listener/connection-id.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";

export interface ConnectTarget {
  readonly address: string;
  readonly port: number;
}

export interface ConnectOutcome {
  connected(socket: Socket, info: ConnectionInfo): void;
  failed(reason: PoolFailureReason, details?: string): void;
}

/** The C library's words, which Envoy prints. */
const errorTexts: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ECONNABORTED: "Software caused connection abort",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EHOSTDOWN: "Host is down",
  EHOSTUNREACH: "No route to host",
  EMFILE: "Too many open files",
  ENETUNREACH: "Network is unreachable",
  EPIPE: "Broken pipe",
  ETIMEDOUT: "Connection timed out",
};

/** Opens a TCP connection within `timeoutMs`; calls one of the two outcomes, later. Returns a way to give up. */
export function openConnection(
  target: ConnectTarget,
  timeoutMs: number,
  deadlines: Deadlines,
  outcome: ConnectOutcome,
): () => void {
  const socket = connect({
    host: target.address,
    port: target.port,
    allowHalfOpen: true,
    noDelay: true,
  });
  let settled = false;
  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    deadlines.disarm(deadline);
    return true;
  };
  const deadline = new Deadline(() => {
    if (!settle()) return;
    socket.destroy();
    outcome.failed("connection timeout");
  });
  deadlines.arm(deadline, timeoutMs);
  socket.on("connect", () => {
    if (!settle()) return;
    outcome.connected(socket, connectionInfo(socket, target));
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (!settle()) return;
    const text = errorTexts[error.code ?? ""] ?? error.code ?? error.message;
    outcome.failed(
      "remote connection failure",
      `delayed_connect_error:_${text.replaceAll(" ", "_")}`,
    );
  });
  return () => {
    if (settle()) socket.destroy();
  };
}

function connectionInfo(socket: Socket, target: ConnectTarget): ConnectionInfo {
  return {
    id: nextConnectionId(),
    remoteAddress: target.address,
    remotePort: target.port,
    localAddress: socket.localAddress ?? "",
    localPort: socket.localPort ?? 0,
  };
}
