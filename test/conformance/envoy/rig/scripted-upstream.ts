/** A proxy, and behind it an upstream whose every connection a test plays itself, byte by byte. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { findFreePorts } from "@tracemesh/cli";
import { createBarrierLog, promptLog } from "./barrier-log.ts";
import { startConfigured } from "./configured-proxy.ts";
import type { ProxyCommand } from "./proxy-process.ts";
import {
  type ListenerOptions,
  scriptedBootstrap,
  scriptedListener,
} from "./scripted-configuration.ts";

/** One end of a connection. */
interface Peer {
  destroy(): void;
}

export interface ScriptedSide<Name extends string, P extends Peer> {
  readonly ports: Readonly<Record<Name, number>>;
  /** Connections that the proxy has opened to the upstream, since the last `reset`. */
  readonly upstreams: readonly P[];
  /** What the upstream does with a new connection. */
  onUpstream: (peer: P, index: number) => void;
  /** Lines of the access log since the last time, when all that happened before is in it. */
  log(): Promise<readonly string[]>;
  /** Cuts the upstream's connections. */
  reset(): void;
  stop(): Promise<void>;
}

export interface Script<Name extends string, P extends Peer> {
  /** The log is read by way of the first. */
  readonly listeners: Readonly<Record<Name, ListenerOptions>>;
  /** Of all listeners, unless one says otherwise. */
  readonly usual: ListenerOptions;
  readonly clusters: (upstream: number) => readonly object[];
  readonly createPeer: (socket: Socket) => P;
  /** A peer ends its own direction itself, after the proxy's FIN too. */
  readonly allowHalfOpen: boolean;
  /** What the upstream does unless a test says otherwise. */
  readonly onUpstream: () => (peer: P, index: number) => void;
}

export async function startScriptedSide<Name extends string, P extends Peer>(
  command: ProxyCommand,
  { listeners, usual, clusters, createPeer, allowHalfOpen, onUpstream }: Script<Name, P>,
): Promise<ScriptedSide<Name, P>> {
  const upstreams: P[] = [];
  const server = createServer({ allowHalfOpen, noDelay: true }, (socket) => {
    const peer = createPeer(socket);
    const index = upstreams.push(peer) - 1;
    side.onUpstream(peer, index);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const names = Object.keys(listeners) as Name[];
  const [admin = 0, ...free] = await findFreePorts(names.length + 1);
  const ports = Object.fromEntries(names.map((name, at) => [name, free[at]])) as Record<
    Name,
    number
  >;
  const bootstrap = scriptedBootstrap(
    admin,
    names.map((name) => scriptedListener(name, ports[name], listeners[name], usual)),
    clusters((server.address() as AddressInfo).port),
  );
  const proxy = await startConfigured(command, bootstrap, { ports: free, args: promptLog });
  const log = createBarrierLog(proxy, free[0] ?? 0);
  const side: ScriptedSide<Name, P> = {
    ports,
    upstreams,
    onUpstream: onUpstream(),
    log: log.read,
    reset: () => {
      for (const peer of upstreams) peer.destroy();
      upstreams.length = 0;
      side.onUpstream = onUpstream();
    },
    stop: async () => {
      side.reset();
      server.close();
      await proxy.stop(2_000);
    },
  };
  return side;
}
