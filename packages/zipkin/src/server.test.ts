import { readFileSync } from "node:fs";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { main } from "./main.ts";
import type { Span } from "./model/span.ts";
import { type RunningZipkin, startZipkin } from "./start-zipkin.ts";

let zipkin: RunningZipkin;
let base: string;
const lines: string[] = [];

beforeEach(async () => {
  zipkin = await startZipkin({
    env: { COLLECTOR_JAEGER_PORT: "0" },
    port: 0,
    host: "127.0.0.1",
    log: (line) => lines.push(line),
  });
  base = `http://127.0.0.1:${zipkin.port}`;
});
afterEach(async () => {
  await zipkin.close();
  expect(lines).toEqual([]); // nothing ended as an internal error
});

const now = Date.now() * 1000;
const server = { traceId: "0000000000000001", id: "0000000000000001", kind: "SERVER" } as const;
const slow: Span = {
  ...server,
  timestamp: now,
  duration: 500,
  localEndpoint: { serviceName: "a" },
};

async function post(body: string | Buffer, headers: Record<string, string> = {}, path = "spans") {
  const url = path.startsWith("/") ? base + path : `${base}/api/v2/${path}`;
  return fetch(url, { method: "POST", body, headers });
}

async function getJson(path: string): Promise<unknown> {
  const response = await fetch(base + path);
  expect(response.status).toBe(200);
  return response.json();
}

test("a zip bomb is refused with 413 and an oversized body too", async () => {
  const gzip = { "content-encoding": "gzip" };
  expect((await post(gzipSync(Buffer.alloc(64 * 1024 * 1024, 32)), gzip)).status).toBe(413);
  const status = await new Promise((resolve, reject) => {
    const headers = { "content-length": 11 * 1024 * 1024 };
    const url = new URL(`${base}/api/v2/spans`);
    httpRequest(url, { method: "POST", headers }, (response) => resolve(response.statusCode))
      .on("error", reject)
      .flushHeaders();
  });
  expect(status).toBe(413);
});

test("what a span holds never comes back as a page", async () => {
  const evil = "<script>alert(1)</script>";
  const accepted = await post(JSON.stringify([{ ...slow, name: evil, tags: { [evil]: evil } }]));
  expect(accepted.status).toBe(202);
  for (const path of [`/api/v2/trace/${evil}`, `/api/v2/traces?limit=${evil}`, `/zipkin/${evil}`]) {
    const response = await fetch(base + path);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.headers.get("content-type")).not.toContain("html");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    await response.arrayBuffer();
  }
});

test("files outside the UI folder are not served", async () => {
  const ui = await startZipkin({
    env: {},
    port: 0,
    host: "127.0.0.1",
    uiDir: join(import.meta.dirname, "http"),
    log: (line) => lines.push(line),
  });
  const response = await fetch(`http://127.0.0.1:${ui.port}/zipkin/..%2f..%2fpackage.json`);
  expect(response.status).toBe(400);
  await response.arrayBuffer();
  await ui.close();
});

test("statistics answer as openapi.yaml describes", async () => {
  await post(JSON.stringify([slow, { ...slow, traceId: "0000000000000002", tags: { error: "" } }]));
  const stats = await getJson("/api/v2/stats");
  expect(stats).toMatchObject({
    traces: 2,
    spans: 2,
    services: [{ serviceName: "a", requests: 2, errors: 1, meanMicros: 500, p99Micros: 500 }],
    edges: [],
  });
  const document = parse(readFileSync(join(import.meta.dirname, "../openapi.yaml"), "utf8"));
  const operation = document.paths["/api/v2/stats"].get;
  const { schema } = operation.responses["200"].content["application/json"];
  expect(Object.keys(stats as object).toSorted()).toEqual(
    Object.keys(schema.properties).toSorted(),
  );
  for (const [path, { get }] of Object.entries<{ get: object }>(document.paths)) {
    expect(get).toBeDefined();
    const response = await fetch(`${base}${path}?endTs=0&limit=0&quietMs=0`);
    expect(response.status, path).toBe(400);
    await response.arrayBuffer();
  }
});

test("the slowest traces come slowest first", async () => {
  const trace = (n: number, duration: number) => ({
    ...slow,
    traceId: String(n).padStart(16, "0"),
    duration,
  });
  await post(JSON.stringify([trace(1, 10), trace(2, 30), trace(3, 20)]));
  expect(await getJson("/api/v2/slowest?limit=2")).toMatchObject([
    [{ duration: 30 }],
    [{ duration: 20 }],
  ]);
});

test("the stream sends a trace once it is quiet", async () => {
  const response = await fetch(`${base}/api/v2/stream?quietMs=20`);
  await post(JSON.stringify([slow]));
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes("event: trace")) break;
  }
  expect(text).toContain(`event: trace\ndata: ${JSON.stringify([slow])}\n\n`);
});

test.each(["5b8efff798038103d269b633813fc60c", "d269b633813fc60c"])(
  "listeners get finished traces: %s",
  async (traceId) => {
    const span = { ...slow, traceId };
    const trace = await new Promise<readonly Span[]>((resolve) => {
      const stop = zipkin.onTrace(
        (spans) => {
          stop();
          resolve(spans);
        },
        { quietMs: 10 },
      );
      void post(JSON.stringify([span]));
    });
    expect(trace).toEqual([span]);
  },
);

test("OTLP arrives with names, kinds, peers, status and microseconds", async () => {
  const span = {
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: "eee19b7ec3c1b174",
    name: "Call",
    kind: 3,
    startTimeUnixNano: `${now}123`,
    endTimeUnixNano: `${now + 2}123`,
    attributes: [{ key: "peer.service", value: { stringValue: "db" } }],
    events: [{ timeUnixNano: `${now}500`, name: "retry" }],
    status: { code: 2, message: "down" },
  };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "Shop" } }] };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const response = await post(body, { "content-type": "application/json" }, "/v1/traces");
  expect([response.status, await response.json()]).toEqual([200, {}]);
  expect(await getJson(`/api/v2/trace/${span.traceId}`)).toEqual([
    {
      traceId: span.traceId,
      id: span.spanId,
      kind: "CLIENT",
      name: "call",
      timestamp: now,
      duration: 2,
      localEndpoint: { serviceName: "shop" },
      remoteEndpoint: { serviceName: "db" },
      annotations: [{ timestamp: now, value: "retry" }],
      tags: { error: "down", "otel.status_code": "ERROR", "peer.service": "db" },
    },
  ]);
  const bad = await post(
    '{"resourceSpans":7}',
    { "content-type": "application/json" },
    "/v1/traces",
  );
  expect([bad.status, await bad.json()]).toMatchObject([400, { code: 3 }]);
});

test("50 writers and 20 readers at once: nothing lost, nothing torn", async () => {
  const id = (n: number) => n.toString(16).padStart(16, "0");
  const writer = async (w: number) => {
    for (let i = 0; i < 10; i++) {
      const traceId = id(w * 100 + i + 1);
      const spans = Array.from({ length: 5 }, (_, s) => ({ ...slow, traceId, id: id(s + 1) }));
      expect((await post(JSON.stringify(spans))).status).toBe(202);
    }
  };
  const reader = async () => {
    for (let i = 0; i < 10; i++) {
      const traces = (await getJson("/api/v2/traces?serviceName=a&limit=20")) as Span[][];
      for (const trace of traces) expect(trace).toHaveLength(5);
    }
  };
  await Promise.all([
    ...Array.from({ length: 50 }, (_, w) => writer(w)),
    ...Array.from({ length: 20 }, reader),
  ]);
  expect(zipkin.storage.usage()).toMatchObject({ traces: 500, spans: 2500 });
});

test.each(["POST", "GET"])(
  "reporters and proxies end idle connections, not the store: %s",
  async (method) => {
    const agent = new Agent({ keepAlive: true });
    const path = method === "GET" ? "/api/v2/services" : "/api/v2/spans";
    const headers = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
      const options = { method, agent };
      httpRequest(base + path, options, (response) => resolve(response.resume().headers))
        .on("error", reject)
        .end(method === "POST" ? "[]" : undefined);
    });
    agent.destroy();
    // Proxies keep them for an hour.
    expect(headers["keep-alive"]).toBe("timeout=3610");
  },
);

test("the command explains a port in use and wrong settings", async () => {
  const said: string[] = [];
  const io = {
    stdout: (line: string) => void said.push(line),
    stderr: (line: string) => void said.push(line),
    untilStopped: () => Promise.resolve(),
  };
  expect(await main(["--port", String(zipkin.port), "--host", "127.0.0.1"], {}, io)).toBe(1);
  expect(said.at(-1)).toContain(`port ${zipkin.port} is in use`);
  expect(await main([], { QUERY_PORT: "x", STRICT_TRACE_ID: "maybe" }, io)).toBe(1);
  expect(said.at(-1)).toContain('QUERY_PORT="x"');
  expect(said.at(-1)).toContain('STRICT_TRACE_ID="maybe"');
  expect(await main(["--prot", "1"], {}, io)).toBe(2);
});
