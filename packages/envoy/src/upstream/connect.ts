import { connect, type Socket } from "node:net";
import type { ConnectionInfo, PoolFailureReason } from "../http/stream.ts";
import { nextConnectionId } from "../listener/connection-id.ts";
import { Deadline, type Deadlines } from "../listener/deadlines.ts";
import { nowMicros } from "../time/clock.ts";
import type { TlsConnectionInfo } from "../tls/tls-connection-info.ts";
import type { SharedReads } from "./shared-reads.ts";

export interface ConnectTarget {
  readonly address: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly transport?: UpstreamTransport;
}

/** What lies between TCP and the codec. */
export interface UpstreamTransport {
  secure(
    socket: Socket,
    outcome: {
      secured(socket: Socket, tls: TlsConnectionInfo): void;
      failed(reason: string): void;
    },
  ): void;
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

/**
 * Opens a connection, with its handshake, within `timeoutMs`; calls one of the two outcomes, later. Returns a way to give up. With `reads`, which goes with plain
 * TCP only, what comes in is given to those instead of "data" listeners.
 */
export function openConnection(
  target: ConnectTarget,
  timeoutMs: number,
  deadlines: Deadlines,
  outcome: ConnectOutcome,
  reads?: SharedReads,
): () => void {
  const socket = connect({
    host: target.address,
    port: target.port,
    allowHalfOpen: true,
    noDelay: true,
    ...(reads === undefined ? {} : { onread: reads.onread }),
  });
  const startMicros = nowMicros();
  let tcpConnected = false;
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
  const failed = (details: string): void => {
    if (!settle()) return;
    if (details === "") outcome.failed("remote connection failure");
    else outcome.failed("remote connection failure", details);
  };
  socket.on("connect", () => {
    tcpConnected = true;
    const info = connectionInfo(socket, target, startMicros);
    if (target.transport === undefined) {
      if (settle()) outcome.connected(socket, info);
      return;
    }
    target.transport.secure(socket, {
      secured(secure, tls) {
        if (settle()) outcome.connected(secure, { ...info, tls });
        else secure.destroy();
      },
      failed,
    });
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    // Once TCP is there, errors are the handshake's.
    if (tcpConnected) return;
    const text = errorTexts[error.code ?? ""] ?? error.code ?? error.message;
    failed(`delayed_connect_error:_${text.replaceAll(" ", "_")}`);
  });
  return () => {
    if (settle()) socket.destroy();
  };
}

function connectionInfo(
  socket: Socket,
  target: ConnectTarget,
  startMicros: number,
): ConnectionInfo {
  return {
    id: nextConnectionId(),
    remoteAddress: target.address,
    remotePort: target.port,
    localAddress: socket.localAddress ?? "",
    localPort: socket.localPort ?? 0,
    startMicros,
    connectedMicros: nowMicros(),
  };
}
