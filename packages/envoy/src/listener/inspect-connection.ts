/** The listener filters: they read the first bytes of a connection and leave them where they are. */
import type { Socket } from "node:net";
import type { TcpListenerFilterConfig } from "../config/listener-filter.ts";
import { maxClientHelloBytes, readClientHello } from "../tls/client-hello.ts";
import { Deadline, type Deadlines } from "./deadlines.ts";
import { readRequestLine } from "./request-line.ts";

/** What they found out. */
export interface Inspection {
  serverName: string;
  /** `tls` or `raw_buffer`. */
  transportProtocol: string;
  applicationProtocols: readonly string[];
}

export interface InspectOptions {
  readonly filters: readonly TcpListenerFilterConfig[];
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly continueOnTimeout: boolean;
}

export interface InspectOutcome {
  /** `first` has been read and not been used. */
  inspected(inspection: Inspection, first: Buffer): void;
  /** The time is over; the connection has been closed unless it goes on. */
  timedOut(): void;
}

/** A filter's verdict on what has come so far. */
type Verdict = "done" | "more" | "close";

export function inspectConnection(
  socket: Socket,
  options: InspectOptions,
  deadlines: Deadlines,
  outcome: InspectOutcome,
): void {
  const inspection: Inspection = {
    serverName: "",
    transportProtocol: "raw_buffer",
    applicationProtocols: [],
  };
  let seen: Buffer = Buffer.alloc(0);
  let current = 0;
  const deadline = new Deadline(() => {
    outcome.timedOut();
    if (options.continueOnTimeout) finish();
    else socket.destroy();
  });
  const stop = (): void => {
    deadlines.disarm(deadline);
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.off("close", stop);
  };
  const finish = (): void => {
    stop();
    socket.pause();
    outcome.inspected(inspection, seen);
  };
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    for (; current < options.filters.length; current++) {
      const verdict = look(options.filters[current] as TcpListenerFilterConfig, seen, inspection);
      if (verdict === "more") return;
      if (verdict === "close") {
        socket.destroy();
        return;
      }
    }
    finish();
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  socket.on("data", onData);
  socket.on("end", onEnd);
  socket.on("close", stop);
  if (options.timeoutMs > 0) deadlines.arm(deadline, options.timeoutMs);
}

function look(filter: TcpListenerFilterConfig, seen: Buffer, inspection: Inspection): Verdict {
  if (filter.type === "HttpInspector") return lookForHttp(seen, inspection);
  const result = readClientHello(seen, filter.maxClientHelloSize ?? maxClientHelloBytes);
  if (result.kind === "more") return "more";
  if (result.kind === "none")
    return filter.closeConnectionOnClientHelloParsingErrors === true ? "close" : "done";
  inspection.transportProtocol = "tls";
  inspection.serverName = result.hello.serverName;
  inspection.applicationProtocols = result.hello.applicationProtocols;
  return "done";
}

/** Nothing to see inside TLS. */
function lookForHttp(seen: Buffer, inspection: Inspection): Verdict {
  if (inspection.transportProtocol === "tls") return "done";
  const protocol = readRequestLine(seen);
  if (protocol === "more") return "more";
  if (protocol !== undefined) inspection.applicationProtocols = [protocol];
  return "done";
}
