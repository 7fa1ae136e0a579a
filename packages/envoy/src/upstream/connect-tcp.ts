/** A connection to an endpoint for bytes that are no HTTP; each has one user. */
import type { Socket } from "node:net";
import type { ConnectionInfo } from "../http/stream.ts";
import type { Deadlines } from "../listener/deadlines.ts";
import type { Cluster } from "./cluster.ts";
import { openConnection } from "./connect.ts";
import type { Host } from "./host.ts";

export interface TcpUpstream {
  readonly socket: Socket;
  readonly info: ConnectionInfo;
  /** Its user has done with it. */
  closed(byPeer: boolean): void;
}

export interface TcpConnectOutcome {
  connected(upstream: TcpUpstream): void;
  failed(details: string | undefined): void;
}

/** Calls one of the outcomes, later. Returns a way to give up. */
export function connectTcp(
  cluster: Cluster,
  host: Host,
  deadlines: Deadlines,
  outcome: TcpConnectOutcome,
): () => void {
  const account = cluster.account(host);
  account.waiting();
  account.connecting("TCP");
  let pending = true;
  const giveUp = openConnection(cluster.target(host), cluster.connectTimeoutMs, deadlines, {
    connected: (socket, info) => {
      pending = false;
      account.waited();
      account.streamStarted();
      let open = true;
      outcome.connected({
        socket,
        info,
        closed(byPeer) {
          if (open) account.disconnected(byPeer, 1, true);
          open = false;
        },
      });
    },
    failed: (reason, details) => {
      pending = false;
      account.waited();
      account.waitFailed();
      account.connectFailed(reason === "connection timeout");
      account.disconnected(reason !== "connection timeout", 0, false);
      outcome.failed(details);
    },
  });
  return () => {
    if (!pending) return;
    pending = false;
    account.waited();
    account.waitCancelled();
    account.disconnected(false, 0, false);
    giveUp();
  };
}
