/** A proxy between an HTTP/1 client and an HTTP/1 upstream, both of which are tests that write bytes. */
import type { ProxyCommand } from "../rig/proxy-process.ts";
import { type ScriptedSide, startScriptedSide } from "../rig/scripted-upstream.ts";
import { clusters, type ListenerName, listeners, usual } from "./configuration.ts";
import { Http1Peer } from "./peer.ts";

export interface Side extends ScriptedSide<ListenerName, Http1Peer> {
  client(listener?: ListenerName): Promise<Http1Peer>;
}

export async function startSide(command: ProxyCommand): Promise<Side> {
  const side = await startScriptedSide(command, {
    listeners,
    usual,
    clusters,
    createPeer: (socket) => new Http1Peer(socket),
    allowHalfOpen: true,
    onUpstream: answering,
  });
  return Object.assign(side, {
    client: (listener: ListenerName = "plain") => Http1Peer.connect(side.ports[listener]),
  });
}

/** An upstream that acts once for each request of which the head is there. */
export function answering(
  act: (peer: Http1Peer, count: number) => void = (peer) =>
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
): (peer: Http1Peer) => void {
  return (peer) => {
    let heads = 0;
    peer.onText = (text) => {
      const now = text.split("\r\n\r\n").length - 1;
      for (; heads < now; heads++) act(peer, heads);
    };
  };
}
