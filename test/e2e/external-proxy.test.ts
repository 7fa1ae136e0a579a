/** The program outside the mesh when what it talks to fails: a 502 that says why, and a trace that says it, too. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { findFreePorts } from "@tracemesh/cli";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually, spanOf } from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { shapeOf } from "./trace-shape.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Something outside that answers as a test wants it to. */
async function startPeer(answer: () => Answer): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    answer()(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const hang: Answer = () => undefined;

describe("the gateway", () => {
  let mesh: Mesh;
  let peer: Server;
  let answer: Answer = hang;
  beforeAll(async () => {
    peer = await startPeer(() => answer);
    mesh = await startMesh({
      services: ["external-proxy"],
      portOffset: 12_700,
      env: {
        INGRESS_GATEWAY: `127.0.0.1:${portOf(peer)}`,
        DELAY_MS: "0",
        UPSTREAM_TIMEOUT_MS: "300",
        ZIPKIN_ENCODING: "v1-json",
      },
    });
  });
  afterAll(async () => {
    await mesh?.stop();
    peer?.closeAllConnections();
    peer?.close();
  });

  test.each([
    ["hangs", hang, "timeout"],
    [
      "never ends its answer",
      (_request: IncomingMessage, response: ServerResponse) => response.writeHead(200).write("<"),
      "timeout",
    ],
    [
      "answers 500",
      (_request: IncomingMessage, response: ServerResponse) => response.writeHead(500).end("no"),
      "was answered 500",
    ],
    [
      "resets the connection",
      (request: IncomingMessage) => request.socket.resetAndDestroy(),
      "ECONNRESET",
    ],
  ] as const)("%s: 502 with the reason, and both spans carry it", async (_name, behaviour, why) => {
    answer = behaviour;
    const before = new Set((await mesh.traces(0)).map(([span]) => span?.traceId));
    const response = await fetch(mesh.url(5000, "/"));
    const body = await response.text();
    expect(response.status).toBe(502);
    expect(body).toContain(`the call to http://127.0.0.1:${portOf(peer)}/productpage`);
    expect(body).toContain(why);
    const spans = await eventually(2, async () =>
      (await mesh.traces(1)).filter(([span]) => !before.has(span?.traceId)).flat(),
    );
    expect(shapeOf(spans)).toEqual({
      "external-proxy SERVER external-proxy/inbound": {
        [`external-proxy CLIENT get 127.0.0.1:${portOf(peer)}`]: {},
      },
    });
    expect(spanOf(spans, "external-proxy", "SERVER", "inbound")?.tags?.["error"]).toContain(why);
  });
});

describe("no gateway", () => {
  let mesh: Mesh;
  let nobody: string;
  beforeAll(async () => {
    nobody = `127.0.0.1:${(await findFreePorts(1))[0]}`;
    mesh = await startMesh({
      services: ["external-proxy"],
      portOffset: 12_800,
      env: { INGRESS_GATEWAY: nobody, DELAY_MS: "0", ZIPKIN_ENCODING: "v1-json" },
    });
  });
  afterAll(() => mesh?.stop());

  test("502 with the reason; both its spans carry the error and are stored", async () => {
    const response = await fetch(mesh.url(5000, "/"));
    const reason = `the call to http://${nobody}/productpage failed: connect ECONNREFUSED ${nobody}`;
    expect([response.status, await response.text()]).toEqual([502, `${reason}\n`]);
    const spans = await eventually(2, async () => (await mesh.traces(1)).flat());
    expect(spanOf(spans, "external-proxy", "SERVER", "inbound")?.tags?.["error"]).toBe(reason);
    expect(spanOf(spans, "external-proxy", "CLIENT", "get")?.tags?.["error"]).toContain(
      "ECONNREFUSED",
    );
  });
});

describe("the thrift collector", () => {
  const token = "s3cret-t0ken";
  let mesh: Mesh;
  let collector: Server;
  let gateway: Server;
  let answer: Answer = hang;
  let reports = 0;
  beforeAll(async () => {
    gateway = await startPeer(() => (_request, response) => response.end("page"));
    collector = await startPeer(() => (request, response) => {
      reports++;
      answer(request, response);
    });
    mesh = await startMesh({
      services: ["external-proxy"],
      portOffset: 12_900,
      env: {
        INGRESS_GATEWAY: `127.0.0.1:${portOf(gateway)}`,
        DELAY_MS: "0",
        ZIPKIN_V1_ENDPOINT: `http://127.0.0.1:${portOf(collector)}/${token}/api/v1/spans`,
      },
    });
  });
  afterEach(() => collector.closeAllConnections());
  afterAll(async () => {
    await mesh?.stop();
    for (const server of [collector, gateway]) {
      server?.closeAllConnections();
      server?.close();
    }
  });

  test.each([
    ["hangs", hang],
    [
      "answers 400",
      (_request: IncomingMessage, response: ServerResponse) =>
        response.writeHead(400).end("Cannot decode spans"),
    ],
  ] as const)(
    "%s: the answer does not wait for it, and its token is in no log",
    async (_name, behaviour) => {
      answer = behaviour;
      const before = reports;
      for (let i = 0; i < 3; i++) {
        const response = await fetch(mesh.url(5000, "/"));
        expect([response.status, await response.text()]).toEqual([200, "OK"]);
      }
      await expect.poll(() => reports, { timeout: 10_000 }).toBeGreaterThan(before);
      expect(mesh.output).not.toContain(token);
    },
  );
});
