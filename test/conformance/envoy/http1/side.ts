/** A proxy between an HTTP/1 client and an HTTP/1 upstream, both of which are tests that write bytes. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePorts } from "@tracemesh/cli";
import { type ProxyCommand, startProxy } from "../rig/proxy-process.ts";
import { configuration, type ListenerName, listenerNames } from "./configuration.ts";
import { Http1Peer } from "./peer.ts";

export interface Side {
  readonly ports: Readonly<Record<ListenerName, number>>;
  /** Connections that the proxy has opened to the upstream, since the last `reset`. */
  readonly upstreams: readonly Http1Peer[];
  /** What the upstream does with a new connection. */
  onUpstream: (peer: Http1Peer) => void;
  client(listener?: ListenerName): Promise<Http1Peer>;
  /** Lines of the access log since the last time, when all that happened before is in it. */
  log(): Promise<readonly string[]>;
  /** Cuts the upstream's connections. */
  reset(): void;
  stop(): Promise<void>;
}

const readyMs = 20_000;
const logMs = 5_000;

export async function startSide(command: ProxyCommand): Promise<Side> {
  const upstreams: Http1Peer[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = new Http1Peer(socket);
    upstreams.push(peer);
    side.onUpstream(peer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const free = await findFreePorts(listenerNames.length + 1);
  const admin = free[listenerNames.length] as number;
  const ports = Object.fromEntries(
    listenerNames.map((name, at) => [name, free[at] as number]),
  ) as Record<ListenerName, number>;
  const folder = mkdtempSync(join(tmpdir(), "envoy-http1-"));
  const config = join(folder, "envoy.json");
  const upstreamPort = (server.address() as AddressInfo).port;
  writeFileSync(config, JSON.stringify(configuration(ports, admin, upstreamPort)));
  const proxy = startProxy(command(config, ["--file-flush-interval-msec", "10"]));
  for (const port of Object.values(ports)) await proxy.listening(port, readyMs);
  let logged = 0;
  let barriers = 0;
  const side: Side = {
    ports,
    upstreams,
    onUpstream: answering(),
    client: (listener = "plain") => Http1Peer.connect(ports[listener]),
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
