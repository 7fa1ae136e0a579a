/** A proxy between an HTTP/2 client and an HTTP/2 upstream, both of which are tests speaking in frames. */
import type { ProxyCommand } from "../rig/proxy-process.ts";
import { type ScriptedSide, startScriptedSide } from "../rig/scripted-upstream.ts";
import { clusters, type ListenerName, listeners, usual } from "./configuration.ts";
import { data, frameTypes, type SettingPairs, settings, settingsAck } from "./frames.ts";
import { Http2Peer } from "./peer.ts";

export type Side = ScriptedSide<ListenerName, Http2Peer>;

export function startSide(command: ProxyCommand): Promise<Side> {
  return startScriptedSide(command, {
    listeners,
    usual,
    clusters,
    createPeer: (socket) => new Http2Peer(socket, true),
    allowHalfOpen: false,
    onUpstream: answering,
  });
}

/** A peer that greets, and acts on each request of which the head is there. */
export function answering(
  act: (peer: Http2Peer, stream: number, count: number) => void = (peer, stream) => {
    peer.headers(stream, [[":status", "200"]]);
    peer.send(data(stream, "ok", true));
  },
  own: SettingPairs = [],
): (peer: Http2Peer) => void {
  return (peer) => {
    let count = 0;
    peer.send(settings(...own));
    peer.onFrame = (frame) => {
      if (frame.type === frameTypes.settings && (frame.flags & 1) === 0) peer.send(settingsAck);
      if (frame.type === frameTypes.headers && frame.stream > 0) act(peer, frame.stream, count++);
    };
  };
}
