/** A proxy between an HTTP/2 client and an HTTP/2 upstream, both of which are tests speaking in frames. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePorts } from "@tracemesh/cli";
import { type ProxyCommand, startProxy } from "../rig/proxy-process.ts";
import { configuration, type ListenerName, listenerNames } from "./configuration.ts";
import { data, frameTypes, type SettingPairs, settings, settingsAck } from "./frames.ts";
import { Http2Peer } from "./peer.ts";

export interface Side {
  readonly ports: Readonly<Record<ListenerName, number>>;
  /** Connections that the proxy has opened to the upstream, since the last `reset`. */
  readonly upstreams: readonly Http2Peer[];
  /** What the upstream does with a new connection. */
  onUpstream: (peer: Http2Peer, index: number) => void;
  /** Lines of the access log since the last time, when all that happened before is in it. */
  log(): Promise<readonly string[]>;
  /** Lines of /stats with the text in their name. */
  stats(text: string): Promise<readonly string[]>;
  /** Resident memory, MiB. */
  readonly pid: number | undefined;
  /** Cuts the upstream's connections. */
  reset(): void;
  stop(): Promise<void>;
}

const readyMs = 20_000;
/** The proxies flush their logs every 10 ms. */
const logMs = 5_000;

export async function startSide(command: ProxyCommand): Promise<Side> {
  const upstreams: Http2Peer[] = [];
  const server: Server = createServer((socket) => {
    socket.setNoDelay();
    const peer = new Http2Peer(socket, true);
    const index = upstreams.push(peer) - 1;
    side.onUpstream(peer, index);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const free = await findFreePorts(listenerNames.length + 1);
  const admin = free[listenerNames.length] as number;
  const ports = Object.fromEntries(
    listenerNames.map((name, at) => [name, free[at] as number]),
  ) as Record<ListenerName, number>;
  const folder = mkdtempSync(join(tmpdir(), "envoy-http2-"));
  const config = join(folder, "envoy.json");
  const upstreamPort = (server.address() as AddressInfo).port;
  writeFileSync(config, JSON.stringify(configuration(ports, admin, upstreamPort)));
  const proxy = startProxy(command(config, ["--file-flush-interval-msec", "10"]));
  await proxy.listening(ports.plain, readyMs);
  let logged = 0;
  let barriers = 0;
  const side: Side = {
    ports,
    upstreams,
    onUpstream: answering(),
    pid: proxy.pid,
    log: async () => {
      // The second one comes after all that was under way when the first one came.
      const marks = [`/barrier/${++barriers}`, `/barrier/${++barriers}`];
      for (const mark of marks) await fetch(`http://127.0.0.1:${ports.plain}${mark}`);
      const deadline = Date.now() + logMs;
      const last = `GET ${marks[1]} HTTP/1.1 200`;
      while (!proxy.stdout.includes(last, logged) && Date.now() < deadline) await sleep(5);
      const text = proxy.stdout.slice(logged);
      logged = proxy.stdout.length;
      return text.split("\n").filter((line) => line !== "" && !line.includes(" /barrier/"));
    },
    stats: async (text) => {
      const response = await fetch(`http://127.0.0.1:${admin}/stats`);
      return (await response.text()).split("\n").filter((line) => line.includes(text));
    },
    reset: () => {
      for (const peer of upstreams) peer.destroy();
      upstreams.length = 0;
      side.onUpstream = answering();
    },
    stop: async () => {
      side.reset();
      server.close();
      await proxy.stop(2_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return side;
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
