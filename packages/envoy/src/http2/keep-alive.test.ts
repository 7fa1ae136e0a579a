import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { KeepAlive, type KeepAliveOptions } from "./keep-alive.ts";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

async function sessionTo(server: Server): Promise<ClientHttp2Session> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on("error", () => {});
  cleanUps.push(() => {
    session.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(session, "connect");
  return session;
}

const options: KeepAliveOptions = {
  intervalMs: 10,
  timeoutMs: 30,
  jitterPercent: 15,
  idleIntervalMs: undefined,
};

function watch(session: ClientHttp2Session, own: Partial<KeepAliveOptions>) {
  let deaths = 0;
  const keepAlive = new KeepAlive(session, { ...options, ...own }, () => {
    deaths += 1;
  });
  cleanUps.push(() => keepAlive.stop());
  return { keepAlive, deaths: () => deaths };
}

test("a peer that answers pings is asked again and again", async () => {
  const server = createHttp2Server();
  let pings = 0;
  server.on("session", (session) => session.on("ping", () => pings++));
  const { deaths } = watch(await sessionTo(server), { timeoutMs: 5_000 });
  await expect.poll(() => pings).toBeGreaterThan(3);
  expect(deaths()).toBe(0);
});

test("one that does not is dead, and is told so once", async () => {
  const { deaths } = watch(await sessionTo(createServer((socket) => socket.resume())), {});
  await expect.poll(deaths).toBe(1);
});

test("a request after a pause is preceded by a ping", async () => {
  const session = await sessionTo(createServer((socket) => socket.resume()));
  const { keepAlive, deaths } = watch(session, { intervalMs: undefined, idleIntervalMs: 0 });
  expect(deaths()).toBe(0);
  await new Promise((resolve) => setImmediate(resolve));
  keepAlive.used();
  await expect.poll(deaths).toBe(1);
});
