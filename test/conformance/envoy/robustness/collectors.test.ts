/**
 * Collectors that are not there, break off, refuse, dawdle or never answer, under a few thousand requests: nobody notices but the counters, which
 * say the same as the real Envoy's.
 */
import { once } from "node:events";
import { Agent, createServer as createHttpServer, get, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePorts } from "@tracemesh/cli";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { type ProxyUnderTest, startProxyUnderTest, type Tracer } from "./proxy-under-test.ts";

const requests = 2_000;
const atOnce = 16;
/** Reports wait 200 ms for an answer, and are sent every 200 ms (OTLP) or 5 s (Zipkin). */
const settleMs = 8_000;

type Behaviour = (socket: Socket) => void;

/** Reports are read to their end before they are answered. */
const reports = createHttpServer((request, response) => {
  request.resume();
  request.once("end", () => respond(response));
});
let respond: (response: ServerResponse) => void = () => {};

const answers =
  (act: (response: ServerResponse) => void): Behaviour =>
  (socket) => {
    respond = act;
    reports.emit("connection", socket);
  };
const accept = (response: ServerResponse) => response.writeHead(202).end();

const collectors: readonly (readonly [name: string, behaviour: Behaviour | "absent"])[] = [
  ["takes everything", answers(accept)],
  ["resets each connection", (socket) => socket.resetAndDestroy()],
  ["closes each connection", (socket) => socket.end()],
  ["answers 500", answers((response) => response.writeHead(500).end())],
  ["answers garbage", answers((response) => response.socket?.write("garbage\r\n\r\n"))],
  ["is slow, but in time", answers((response) => setTimeout(accept, 20, response))],
  ["is too slow", answers((response) => setTimeout(accept, 400, response))],
  ["never answers", () => {}],
  ["is not there", "absent"],
];

let behave: Behaviour = () => {};
const sockets = new Set<Socket>();
let upstream: Server;
let collector: Server;

async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  upstream = await listen((socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  });
  collector = await listen((socket) => behave(socket));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  upstream?.close();
  collector?.close();
});

async function load(port: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let left = requests;
  let failed = 0;
  const work = async (): Promise<void> => {
    while (left-- > 0) if ((await ask(port, agent)) !== 200) failed += 1;
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  agent.destroy();
  return failed;
}

function ask(port: number, agent: Agent): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  get({ port, host: "127.0.0.1", agent }, (response) => {
    response.resume();
    response.once("end", () => resolve(response.statusCode ?? 0)).once("error", () => resolve(0));
  }).once("error", () => resolve(0));
  return promise;
}

/** The counters, once no span waits any more. */
async function countersOf(proxy: ProxyUnderTest, tracer: Tracer): Promise<Record<string, number>> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const counters = Object.fromEntries(await proxy.stats(`tracing.${tracer}.`));
    const isOver = counters[`tracing.${tracer}.spans_sent`] === requests;
    if (isOver || Date.now() > deadline) {
      // The last reports wait for their answers, or for their limit.
      await sleep(isOver ? 500 : 0);
      return Object.fromEntries(await proxy.stats(`tracing.${tracer}.`));
    }
    await sleep(100);
  }
}

/** Spans are counted exactly. How many reports they make depends on timing: of those only whether there were any. */
function meaning(counters: Readonly<Record<string, number>>): object {
  const entries = Object.entries(counters).filter(([name]) => !name.endsWith("timer_flushed"));
  return Object.fromEntries(
    entries.map(([name, count]) => [name, name.includes("spans") ? count : count > 0]),
  );
}

describe.each<Tracer>(["zipkin", "opentelemetry"])("%s", (tracer) => {
  test.each(collectors)(
    "a collector that %s",
    async (_name, behaviour) => {
      if (behaviour !== "absent") behave = behaviour;
      const [nobody = 0] = await findFreePorts(1);
      const peers = {
        upstream: portOf(upstream),
        collector: behaviour === "absent" ? nobody : portOf(collector),
      };
      const [real, ours] = await Promise.all([
        startProxyUnderTest(realEnvoy(), peers, tracer),
        startProxyUnderTest(ourProxy, peers, tracer),
      ]);
      try {
        const before = ours.memory();
        const failed = await Promise.all([load(real.port), load(ours.port)]);
        expect(failed).toEqual([0, 0]);
        const [expected, counters] = await Promise.all([
          countersOf(real, tracer),
          countersOf(ours, tracer),
        ]);
        expect(meaning(counters)).toEqual(meaning(expected));
        if (process.env["VERBOSE"]) console.log(_name, JSON.stringify({ expected, counters }));
        expect(ours.memory() - before).toBeLessThan(100);
      } finally {
        await Promise.all([real.stop(), ours.stop()]);
      }
    },
    60_000,
  );
});
