import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type FakeCollector, startFakeCollector } from "@tracemesh/telemetry/collector-fake";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { callUpstream, createKitApp } from "./kit-app.ts";
import type { RunningService, ServiceDefinition } from "./service.ts";
import { startService } from "./start-service.ts";

const T64 = "463ac35c9f6413ad";
const SPAN = "e457b5a2e4d86bd1";

let collector: FakeCollector;
let running: RunningService[];

beforeEach(async () => {
  collector = await startFakeCollector();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((service) => service.close()));
  await collector.close();
});

const lookup = (): Promise<string> => Promise.resolve("127.0.0.1");

const back: ServiceDefinition = {
  name: "back",
  defaults: { PORT: "0", HOST: "127.0.0.1" },
  createApp: (parts) =>
    createKitApp(parts, (app) => {
      app.get("/items/:id", (request, response) => {
        const headers = ["x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-request-id", "b3"];
        response.json(Object.fromEntries(headers.map((name) => [name, request.get(name)])));
      });
    }),
};

const front: ServiceDefinition = {
  name: "front",
  defaults: { PORT: "0", HOST: "127.0.0.1" },
  createApp: (parts) =>
    createKitApp(parts, (app) => {
      app.get("/", async (_request, response) => {
        response.type("json").send(await callUpstream(parts.fetch, `${parts.env["BACK"]}/items/7`));
      });
    }),
};

async function start(
  definition: ServiceDefinition,
  env: Record<string, string> = {},
): Promise<RunningService> {
  const service = await startService(definition, {
    env: { ZIPKIN_ENDPOINT: collector.endpoint, ...env },
    log: () => {},
    lookup,
  });
  running.push(service);
  return service;
}

async function startBoth(
  mode: string,
): Promise<(headers?: Record<string, string>) => Promise<unknown>> {
  const { port } = await start(back, { TRACE_MODE: mode });
  const { port: entry } = await start(front, {
    TRACE_MODE: mode,
    BACK: `http://back.mesh:${port}`,
  });
  return async (headers = {}) =>
    (await fetch(`http://127.0.0.1:${entry}/`, { headers })).json() as unknown;
}

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const { port, close } = await startFakeCollector();
  await close();
  return port;
}

async function stopAll(): Promise<void> {
  await Promise.all(running.map((service) => service.close()));
}

describe("participate, two services in one process", () => {
  test("one tree, each span by its own service", async () => {
    const call = await startBoth("participate");
    await call({ b3: `${T64}-${SPAN}-1`, "x-request-id": "r1" });
    await stopAll();
    const shape = collector.spans.map(({ kind, name, localEndpoint, traceId }) => ({
      kind,
      name,
      service: localEndpoint["serviceName"],
      traceId,
    }));
    const [inner, client, outer] = ["GET /items/:id", "GET back.mesh:", "GET /"].map((start) =>
      collector.spans.find(({ name }) =>
        start === "GET /" ? name === start : name.startsWith(start),
      ),
    );
    expect(shape).toHaveLength(3);
    expect(shape).toContainEqual({
      kind: "SERVER",
      name: "GET /items/:id",
      service: "back",
      traceId: T64,
    });
    expect(outer).toMatchObject({ kind: "SERVER", parentId: SPAN, traceId: T64 });
    expect(outer?.tags["guid:x-request-id"]).toBe("r1");
    expect(client).toMatchObject({ kind: "CLIENT", parentId: outer?.id });
    expect(client?.localEndpoint["serviceName"]).toBe("front");
    expect(client?.remoteEndpoint?.["serviceName"]).toBe("back.mesh");
    expect(inner?.parentId).toBe(client?.id);
  });

  test("a hundred requests at once give a hundred complete traces", async () => {
    const call = await startBoth("participate");
    await Promise.all(Array.from({ length: 100 }, () => call()));
    await stopAll();
    const traces = Map.groupBy(collector.spans, ({ traceId }) => traceId);
    expect(traces.size).toBe(100);
    for (const spans of traces.values()) {
      const ids = new Set(spans.map(({ id }) => id));
      const roots = spans.filter(({ parentId }) => parentId === undefined);
      expect(spans).toHaveLength(3);
      expect(roots.map(({ name }) => name)).toEqual(["GET /"]);
      expect(spans.every(({ parentId }) => parentId === undefined || ids.has(parentId))).toBe(true);
    }
  });

  test("a caller's no is passed on and reports nothing", async () => {
    const call = await startBoth("participate");
    const received = await call({ "x-b3-traceid": T64, "x-b3-spanid": SPAN, "x-b3-sampled": "0" });
    await stopAll();
    expect(received).toMatchObject({ "x-b3-traceid": T64, "x-b3-sampled": "0" });
    expect(collector.spans).toEqual([]);
  });

  test("malformed headers start a new trace", async () => {
    const call = await startBoth("participate");
    await call({ b3: "garbage", "x-b3-traceid": "zz" });
    await stopAll();
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(collector.spans).toHaveLength(3);
  });

  test("a failing upstream is 502 and tags both spans", async () => {
    const port = await freePort();
    await start(front, { BACK: `http://127.0.0.1:${port}` });
    const [service] = running;
    const response = await fetch(`http://127.0.0.1:${service?.port}/`);
    await stopAll();
    expect(response.status).toBe(502);
    const refused = `connect ECONNREFUSED 127.0.0.1:${port}`;
    const errors = collector.spans.map(({ kind, tags }) => [kind, tags["error"]]);
    expect(errors).toEqual([
      ["CLIENT", refused],
      ["SERVER", `the call to http://127.0.0.1:${port}/items/7 failed: ${refused}`],
    ]);
  });

  test("health checks make no spans", async () => {
    const { port } = await start(back);
    for (let probe = 0; probe < 100; probe++) {
      await (await fetch(`http://127.0.0.1:${port}/health`)).text();
    }
    await stopAll();
    expect(collector.spans).toEqual([]);
  });
});

test("forward: the ids go on as they came and nothing is reported", async () => {
  const call = await startBoth("forward");
  const headers = { "x-b3-traceid": T64, "x-b3-spanid": SPAN, "x-b3-sampled": "1" };
  expect(await call({ ...headers, "x-request-id": "r1" })).toEqual({
    ...headers,
    "x-request-id": "r1",
  });
  await stopAll();
  expect(collector.spans).toEqual([]);
});

test("off: nothing goes on", async () => {
  const call = await startBoth("off");
  expect(await call({ "x-b3-traceid": T64, "x-b3-spanid": SPAN, "x-request-id": "r1" })).toEqual(
    {},
  );
  await stopAll();
  expect(collector.spans).toEqual([]);
});

test("a port in use is a clear error", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  await expect(start(back, { PORT: String(port) })).rejects.toMatchObject({
    name: "ListenError",
    code: "EADDRINUSE",
    port,
    message: `port ${port} on 127.0.0.1 is in use by another program; stop it or set PORT to a free one`,
  });
  await new Promise((resolve) => holder.close(resolve));
});

/** A service whose answer waits until the test lets it go. */
function slowService(): { definition: ServiceDefinition; arrived: Promise<void>; go: () => void } {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const definition: ServiceDefinition = {
    name: "slow",
    defaults: { PORT: "0", HOST: "127.0.0.1" },
    createApp: (parts) =>
      createKitApp(parts, (app) => {
        app.get("/", async (_request, response) => {
          arrived.resolve();
          await released.promise;
          response.send("done");
        });
      }),
  };
  return { definition, arrived: arrived.promise, go: () => released.resolve() };
}

test("closing lets a request in flight finish and sends its span", async () => {
  const { definition, arrived, go } = slowService();
  const service = await start(definition, { SHUTDOWN_GRACE_MS: "60000" });
  const answer = fetch(`http://127.0.0.1:${service.port}/`).then((response) => response.text());
  await arrived;
  const closed = service.close();
  go();
  expect(await answer).toBe("done");
  await closed;
  expect(collector.spans.map(({ name }) => name)).toEqual(["GET /"]);
});

test("closing cuts what does not finish in time, and its span says so", async () => {
  const { definition, arrived } = slowService();
  const service = await start(definition, { SHUTDOWN_GRACE_MS: "0" });
  const answer = fetch(`http://127.0.0.1:${service.port}/`).catch((error: Error) => error.message);
  await arrived;
  await service.close();
  expect(await answer).toBe("fetch failed");
  expect(collector.spans[0]?.tags["error"]).toBe("client closed the connection");
});
