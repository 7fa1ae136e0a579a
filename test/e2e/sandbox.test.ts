/** The Envoy Zipkin sandbox without Docker: the whole span tree of a request, in each trace mode. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Mesh, startMesh } from "./mesh.ts";
import { shapeOf } from "./trace-shape.ts";

const sandbox = ["front-proxy"];
const portOffset = 10_000;

/** `curl localhost:8000<path>` and the id of the trace it made. */
async function curl(mesh: Mesh, path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(mesh.url(8000, path), { headers });
  return {
    response,
    body: await response.text(),
    traceId: response.headers.get("x-b3-traceid") ?? "",
  };
}

describe("participate", () => {
  let mesh: Mesh;
  beforeAll(async () => {
    mesh = await startMesh({ services: sandbox, portOffset });
  });
  afterAll(() => mesh?.stop());

  const wholeTree = {
    "front-proxy CLIENT routetoservice1": {
      "service1 SERVER routetoservice1 shared": {
        "service1 SERVER get /trace/1": {
          [`service1 CLIENT get localhost:${9000 + portOffset}`]: {
            "service1 CLIENT routetoservice2": {
              "service2 SERVER routetoservice2 shared": { "service2 SERVER get /trace/2": {} },
            },
          },
        },
      },
    },
  };

  test("GET /trace/1 answers as the sandbox does", async () => {
    const { response, body, traceId } = await curl(mesh, "/trace/1");
    expect(response.status).toBe(200);
    expect(body).toMatch(
      /^Hello from behind Envoy \(service 1\)! hostname: \S+ resolvedhostname: [\d.]+\n$/,
    );
    expect(traceId).toMatch(/^[0-9a-f]{16}$/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "x-envoy-protocol-version": "HTTP/1.1",
      "x-request-id": expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-9[0-9a-f]{3}-/),
      "x-envoy-upstream-service-time": expect.stringMatching(/^\d+$/),
      server: "envoy",
      date: expect.any(String),
    });
  });

  test("one tree: the proxies' spans with the services' own between them", async () => {
    const { traceId } = await curl(mesh, "/trace/1");
    expect(shapeOf(await mesh.trace(traceId, 7))).toEqual(wholeTree);
  });

  test("GET /trace/2 goes to service 2", async () => {
    const { body, traceId } = await curl(mesh, "/trace/2");
    expect(body).toMatch(/^Hello from behind Envoy \(service 2\)! /);
    expect(shapeOf(await mesh.trace(traceId, 3))).toEqual({
      "front-proxy CLIENT routetoservice2": {
        "service2 SERVER routetoservice2 shared": { "service2 SERVER get /trace/2": {} },
      },
    });
  });

  test("a service that is not there is a 404", async () => {
    const { response } = await curl(mesh, "/trace/3");
    expect(response.status).toBe(404);
  });

  test("100 concurrent requests make 100 complete traces", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => curl(mesh, "/trace/1")));
    expect(new Set(answers.map(({ traceId }) => traceId)).size).toBe(100);
    const stored = new Map((await mesh.traces(100)).map((spans) => [spans[0]?.traceId, spans]));
    for (const { traceId } of answers) {
      expect(shapeOf(stored.get(traceId) ?? []), traceId).toEqual(wholeTree);
    }
  });

  test.each([
    [
      "multi, 64 bit",
      {
        "x-b3-traceid": "48485a3953bb6124",
        "x-b3-spanid": "a2fb4a1d1a96d312",
        "x-b3-sampled": "1",
      },
    ],
    [
      "multi, 128 bit",
      {
        "x-b3-traceid": "463ac35c9f6413ad48485a3953bb6125",
        "x-b3-spanid": "a2fb4a1d1a96d312",
        "x-b3-sampled": "1",
      },
    ],
    ["single, 64 bit", { b3: "48485a3953bb6126-a2fb4a1d1a96d312-1" }],
    ["single, 128 bit", { b3: "463ac35c9f6413ad48485a3953bb6127-a2fb4a1d1a96d312-1" }],
  ] as const)("a client's own B3 is continued: %s", async (_name, headers) => {
    const traceId = "b3" in headers ? headers.b3.split("-")[0] : headers["x-b3-traceid"];
    await curl(mesh, "/trace/1", headers);
    const spans = await mesh.trace(traceId as string, 7);
    // The client's span is reported by nobody here: the front proxy's names it as its parent.
    const front = spans.find((span) => span.localEndpoint?.serviceName === "front-proxy");
    expect(front?.parentId).toBe("a2fb4a1d1a96d312");
    const { parentId: _, ...rootless } = front ?? ({} as never);
    expect(shapeOf(spans.map((span) => (span === front ? rootless : span)))).toEqual(wholeTree);
  });

  test("a client's sampled 0 is kept: the request passes and nothing is reported", async () => {
    const traceId = "48485a3953bb6128";
    const headers = {
      "x-b3-traceid": traceId,
      "x-b3-spanid": "a2fb4a1d1a96d312",
      "x-b3-sampled": "0",
    };
    const { response } = await curl(mesh, "/trace/1", headers);
    expect(response.status).toBe(200);
    // A later trace is stored; had the first one been reported it would be there by now.
    const { traceId: later } = await curl(mesh, "/trace/1");
    await mesh.trace(later, 7);
    expect((await fetch(mesh.url(9411, `/api/v2/trace/${traceId}`))).status).toBe(404);
  });

  test("two requests with one client trace id are one trace of twice the spans", async () => {
    const traceId = "48485a3953bb6129";
    const headers = {
      "x-b3-traceid": traceId,
      "x-b3-spanid": "a2fb4a1d1a96d312",
      "x-b3-sampled": "1",
    };
    await Promise.all([curl(mesh, "/trace/1", headers), curl(mesh, "/trace/1", headers)]);
    const spans = await mesh.trace(traceId, 14);
    expect(spans).toHaveLength(14);
    expect(new Set(spans.map(({ traceId: id }) => id))).toEqual(new Set([traceId]));
  });

  test.each([
    [
      "ids that are not hex",
      { "x-b3-traceid": "not hex at all!!", "x-b3-spanid": "a2fb4a1d1a96d312" },
    ],
    ["a single header of nonsense", { b3: "garbage-garbage-garbage-garbage-garbage" }],
    ["a header of 8 KB", { b3: "x".repeat(8_000) }],
    ["a trace id and no span id", { "x-b3-traceid": "48485a3953bb6124" }],
  ])("a malformed B3 never breaks the request: %s", async (_name, headers) => {
    const { response, body } = await curl(mesh, "/trace/1", headers);
    expect(response.status).toBe(200);
    expect(body).toContain("(service 1)");
  });

  test("the finished trace is drawn in the terminal", async () => {
    const { traceId } = await curl(mesh, "/trace/1");
    await mesh.trace(traceId, 7);
    await expect
      .poll(() => mesh.output, { timeout: 10_000 })
      .toContain(`trace ${traceId}  7 spans  3 services  complete`);
  });

  test("the dependency links are those of the mesh", async () => {
    const { traceId } = await curl(mesh, "/trace/1");
    await mesh.trace(traceId, 7);
    const response = await fetch(
      mesh.url(9411, `/api/v2/dependencies?endTs=${Date.now() + 1_000}`),
    );
    const links = (await response.json()) as {
      parent: string;
      child: string;
      errorCount?: number;
    }[];
    expect(links.map(({ parent, child }) => `${parent} -> ${child}`).sort()).toEqual(
      expect.arrayContaining([
        "front-proxy -> service1",
        "front-proxy -> service2",
        "service1 -> service2",
      ]),
    );
  });
});

test("forward: exactly the four spans of the proxies, ids R, R shared, S, S shared", async () => {
  const mesh = await startMesh({
    services: sandbox,
    portOffset: 11_000,
    env: { TRACE_MODE: "forward" },
  });
  try {
    const { traceId } = await curl(mesh, "/trace/1");
    const spans = await mesh.trace(traceId, 4);
    expect(shapeOf(spans)).toEqual({
      "front-proxy CLIENT routetoservice1": {
        "service1 SERVER routetoservice1 shared": {
          "service1 CLIENT routetoservice2": { "service2 SERVER routetoservice2 shared": {} },
        },
      },
    });
    const halves = Map.groupBy(spans, ({ id }) => id);
    expect([...halves.values()].map((pair) => pair.length)).toEqual([2, 2]);
    const [r] = halves.get(traceId) ?? [];
    const s = spans.find(({ id }) => id !== traceId);
    expect(r?.parentId).toBeUndefined();
    expect(s?.parentId).toBe(r?.id);
  } finally {
    await mesh.stop();
  }
});

test("off: the classic mistake, two traces that nothing links", async () => {
  const mesh = await startMesh({
    services: sandbox,
    portOffset: 11_900,
    env: { TRACE_MODE: "off" },
  });
  try {
    const { traceId } = await curl(mesh, "/trace/1");
    const traces = await mesh.traces(2);
    expect(traces).toHaveLength(2);
    const first = traces.find(([span]) => span?.traceId === traceId) ?? [];
    const second = traces.find(([span]) => span?.traceId !== traceId) ?? [];
    expect(shapeOf(first)).toEqual({
      "front-proxy CLIENT routetoservice1": { "service1 SERVER routetoservice1 shared": {} },
    });
    expect(shapeOf(second)).toEqual({
      "service1 CLIENT routetoservice2": { "service2 SERVER routetoservice2 shared": {} },
    });
  } finally {
    await mesh.stop();
  }
});
