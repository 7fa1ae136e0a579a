/** Crowds, dawdlers and broken peers: the proxy keeps serving, within bounds, and says what the real Envoy says. */
import { once } from "node:events";
import { Agent, createServer as createHttpServer, get, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { type ProxyUnderTest, startProxyUnderTest } from "./proxy-under-test.ts";

const minute = 60_000;

/** OUTAGE_SECONDS=600 runs the long one. */
const outageMs = Number(process.env["OUTAGE_SECONDS"] ?? 12) * 1000;

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function listen<S extends Server>(server: S): Promise<S> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

interface Answer {
  /** 0: the connection broke off before a head. */
  readonly status: number;
  readonly body: string;
}

function ask(port: number, agent?: Agent): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  get({ port, host: "127.0.0.1", path: "/", agent: agent ?? false }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (chunk) => {
      body += chunk;
    });
    const done = () => resolve({ status: response.statusCode ?? 0, body });
    response.once("end", done).once("error", done);
  }).once("error", () => resolve({ status: 0, body: "" }));
  return promise;
}

/** What an upstream does with a connection. The default answers each request. */
type Behaviour = (socket: Socket) => void;

const polite: Behaviour = (socket) => {
  socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"));
};
const onRequest =
  (act: (socket: Socket) => void): Behaviour =>
  (socket) => {
    socket.once("data", () => act(socket));
  };

/** Writes as fast as the other side reads, for ever. */
function pour(socket: Socket, chunk: Buffer): void {
  while (!socket.destroyed && socket.write(chunk));
  if (!socket.destroyed) socket.once("drain", () => pour(socket, chunk));
}

const rude: readonly (readonly [name: string, behaviour: Behaviour])[] = [
  ["closes at once", (socket) => socket.end()],
  ["resets after the request", onRequest((socket) => socket.resetAndDestroy())],
  ["closes after the request", onRequest((socket) => socket.end())],
  ["answers with garbage", onRequest((socket) => socket.write("hello\r\n\r\n"))],
  [
    "answers with half a head and closes",
    onRequest((socket) => socket.end("HTTP/1.1 200 OK\r\na: b")),
  ],
  [
    "never ends its head",
    onRequest((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, Buffer.from(`x: ${"y".repeat(1000)}\r\n`));
    }),
  ],
  [
    "promises more than it sends",
    onRequest((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")),
  ],
  [
    "sends more than it promised",
    onRequest((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhello")),
  ],
  [
    "breaks a chunk",
    onRequest((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"),
    ),
  ],
  [
    "announces a chunk beyond 64 bits",
    onRequest((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
    ),
  ],
  ["never answers", () => undefined],
];

let behave: Behaviour = polite;
let upstream: Server;
let collector: HttpServer;
let answersReports = true;
const connections = new Set<Socket>();

beforeAll(async () => {
  upstream = await listen(
    createServer((socket) => {
      connections.add(socket);
      socket.on("error", () => undefined).on("close", () => connections.delete(socket));
      behave(socket);
    }),
  );
  collector = await listen(
    createHttpServer((request, response) => {
      request.resume();
      if (answersReports) response.writeHead(202).end();
    }),
  );
});
afterEach(() => {
  behave = polite;
  answersReports = true;
  for (const socket of connections) socket.destroy();
});
afterAll(() => {
  upstream?.close();
  collector?.closeAllConnections();
  collector?.close();
});

const start = (command: typeof ourProxy): Promise<ProxyUnderTest> =>
  startProxyUnderTest(command, { upstream: portOf(upstream), collector: portOf(collector) });

describe("an upstream that", () => {
  let ours: ProxyUnderTest;
  let real: ProxyUnderTest;
  beforeAll(async () => {
    [ours, real] = await Promise.all([start(ourProxy), start(realEnvoy())]);
  }, 3 * minute);
  afterAll(() => Promise.all([ours?.stop(), real?.stop()]));

  test.each(rude)("%s: the client gets what Envoy would give it", async (_name, behaviour) => {
    behave = behaviour;
    const expected = await ask(real.port);
    expect(await ask(ours.port)).toEqual(expected);
    behave = polite;
    for (const socket of connections) socket.destroy();
    expect(await ask(ours.port)).toEqual({ status: 200, body: "hello" });
  });

  test("resets at once: the client gets what Envoy would give it", async () => {
    behave = (socket) => socket.resetAndDestroy();
    // Whether the reset comes before or after they see the connection stand is luck, for both.
    await vi.waitFor(
      async () => {
        const expected = await ask(real.port);
        expect(await ask(ours.port)).toEqual(expected);
      },
      { timeout: 15_000, interval: 10 },
    );
    behave = polite;
    expect(await ask(ours.port)).toEqual({ status: 200, body: "hello" });
  }, 20_000);

  test("never ends its body, for a client that does not read: memory stays", async () => {
    behave = onRequest((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      pour(
        socket,
        Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536), Buffer.from("\r\n")]),
      );
    });
    const before = ours.memory();
    const clients = await Promise.all(Array.from({ length: 20 }, () => open(ours.port)));
    for (const client of clients) {
      client.pause();
      client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    }
    // Until the sockets on the way are full; then nothing moves, however long.
    let sent = -1;
    await expect
      .poll(
        () => {
          const total = [...connections].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
          const still = total === sent;
          sent = total;
          return still && total > 0;
        },
        { interval: 300, timeout: 20_000 },
      )
      .toBe(true);
    expect(ours.memory() - before).toBeLessThan(100);
    for (const client of clients) client.destroy();
    behave = polite;
    expect((await ask(ours.port)).status).toBe(200);
  }, 40_000);
});

describe("ours alone", () => {
  let proxy: ProxyUnderTest;
  beforeAll(async () => {
    proxy = await start(ourProxy);
  }, minute);
  afterAll(() => proxy?.stop());

  test(
    "10 000 idle connections: traffic is served among them, and they are forgotten when they go",
    async () => {
      const before = proxy.memory();
      const idle: Socket[] = [];
      for (let batch = 0; batch < 50; batch++)
        idle.push(...(await Promise.all(Array.from({ length: 200 }, () => open(proxy.port)))));
      const active = async () =>
        (await proxy.stats("http.test.downstream_cx_active")).values().next().value;
      await expect.poll(active, { timeout: 20_000 }).toBe(10_000);
      for (let i = 0; i < 50; i++) expect((await ask(proxy.port)).status).toBe(200);
      // 30 KiB each would be 300.
      expect(proxy.memory() - before).toBeLessThan(300);
      for (const socket of idle) socket.destroy();
      await expect.poll(active, { timeout: 20_000 }).toBe(0);
    },
    2 * minute,
  );

  test("heads that drip in are refused in time, and nobody waits for them", async () => {
    const slow = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = await open(proxy.port);
        let answer = "";
        socket.on("data", (chunk) => {
          answer += chunk;
        });
        socket.write("GET / HT");
        const drip = setInterval(() => socket.write("T"), 100);
        socket.once("close", () => clearInterval(drip));
        return { socket, closed: once(socket, "close"), answer: () => answer };
      }),
    );
    for (let i = 0; i < 20; i++) expect((await ask(proxy.port)).status).toBe(200);
    await Promise.all(slow.map(({ closed }) => closed));
    for (const { answer } of slow) expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
  }, 30_000);

  test(
    "a collector that never answers: every request is served, memory stays, and what is lost is counted",
    async () => {
      answersReports = false;
      const before = proxy.memory();
      const agent = new Agent({ keepAlive: true, maxSockets: 32 });
      const until = performance.now() + outageMs;
      let requests = 0;
      const failed: Answer[] = [];
      const load = async (): Promise<void> => {
        while (performance.now() < until) {
          const answer = await ask(proxy.port, agent);
          requests++;
          if (answer.status !== 200) failed.push(answer);
          if (outageMs > minute) await sleep(50);
        }
      };
      const memory: number[] = [];
      const watch = async (): Promise<void> => {
        while (performance.now() < until) {
          await sleep(outageMs / 20);
          memory.push(proxy.memory());
        }
      };
      await Promise.all([watch(), ...Array.from({ length: 32 }, load)]);
      agent.destroy();
      expect(failed).toEqual([]);
      const stats = await proxy.stats("tracing.zipkin.");
      expect(stats.get("tracing.zipkin.reports_dropped")).toBeGreaterThan(0);
      expect(stats.get("tracing.zipkin.reports_sent") ?? 0).toBeLessThanOrEqual(requests);
      // Spans are sent, lost or waiting, and no more than 5000 wait.
      expect(requests - (stats.get("tracing.zipkin.spans_sent") ?? 0)).toBeLessThanOrEqual(5000);
      if (outageMs > minute) console.log(JSON.stringify({ requests, memory, stats: [...stats] }));
      expect(Math.max(...memory) - before).toBeLessThan(200);
    },
    2 * outageMs + minute,
  );
});

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}
