/** One trace from a program outside the mesh through the gateway into bookinfo: contract sections A to E. */
import type { Span } from "@tracemesh/zipkin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  belowClient,
  clientSpanId,
  eventually,
  gateway,
  hop,
  meshTree,
  newTraceId,
  spanOf,
  throughGateway,
} from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { type Shape, shapeOf } from "./trace-shape.ts";

const services = ["external-proxy"];

/** `curl localhost:5000`, and the trace that its program began once it has `count` spans. */
async function curlOutside(mesh: Mesh, count: number) {
  const response = await fetch(mesh.url(5000, "/"));
  const body = await response.text();
  const spans = await eventually(count, async () => {
    const traces = await mesh.traces(1);
    return traces.find((trace) => spanOf(trace, "external-proxy", "SERVER", "inbound")) ?? [];
  });
  return { status: response.status, body, spans };
}

const outside = (mesh: Mesh, below: Shape): Shape => ({
  "external-proxy SERVER external-proxy/inbound": {
    [`external-proxy CLIENT get ingress-gateway:${mesh.port(8080)}`]: below,
  },
});

describe("forward", () => {
  let mesh: Mesh;
  let linked: readonly Span[];
  let answer: string;
  beforeAll(async () => {
    mesh = await startMesh({
      services,
      portOffset: 12_000,
      env: { TRACE_MODE: "forward", DELAY_MS: "0" },
    });
    const { body, spans } = await curlOutside(mesh, 11);
    answer = body;
    linked = spans;
  });
  afterAll(() => mesh?.stop());

  test("A: external-proxy answers OK and the trace is tree A, below the program's own spans", () => {
    expect(answer).toBe("OK");
    expect(shapeOf(linked)).toEqual(outside(mesh, meshTree({ ratings: true })));
  });

  test("A: eleven spans, eleven ids, nothing shared, one trace id of 128 bits", () => {
    expect(new Set(linked.map(({ id }) => id)).size).toBe(11);
    expect(linked.filter(({ shared }) => shared)).toEqual([]);
    expect(new Set(linked.map(({ traceId }) => traceId)).size).toBe(1);
    expect(linked.filter(({ parentId }) => parentId === undefined)).toHaveLength(1);
  });

  test("A: details come before reviews", () => {
    const start = (name: string) =>
      spanOf(linked, "productpage.default", "CLIENT", name)?.timestamp ?? Number.NaN;
    expect(start("details")).toBeLessThan(start("reviews"));
  });

  test("A: the tags of every connection manager's span", () => {
    const managers = linked.filter(
      ({ name, localEndpoint }) =>
        !name?.startsWith("router ") && localEndpoint?.serviceName !== "external-proxy",
    );
    expect(managers).toHaveLength(8);
    for (const { tags, annotations, kind, localEndpoint } of managers) {
      const service = localEndpoint?.serviceName?.split(".")[0];
      const atGateway = service === "istio-ingressgateway";
      const revision = atGateway ? "latest" : service === "reviews" ? "v3" : "v1";
      expect(Object.keys(tags ?? {}).sort()).toEqual(managerTags);
      expect(tags).toMatchObject({
        component: "proxy",
        downstream_cluster: "-",
        "http.method": "GET",
        "http.protocol": "HTTP/1.1",
        "http.status_code": "200",
        "istio.canonical_revision": revision,
        "istio.canonical_service": service,
        "istio.cluster_id": "Kubernetes",
        "istio.mesh_id": "cluster.local",
        "istio.namespace": atGateway ? "istio-system" : "default",
        request_size: "0",
        response_flags: "-",
        "upstream_cluster.name": `${tags?.["upstream_cluster"]};`,
      });
      expect(annotations?.map(({ value }) => value)).toEqual([kind === "SERVER" ? "ss" : "cr"]);
    }
    const ids = new Set(managers.map(({ tags }) => tags?.["guid:x-request-id"]));
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-9/);
  });

  test("A: the tags that differ hop by hop", () => {
    const tag = (service: string, kind: string, name: string, key: string) =>
      spanOf(linked, service, kind, name)?.tags?.[key];
    const page = `http://ingress-gateway:${mesh.port(8080)}/productpage`;
    expect(tag(gateway, "SERVER", "productpage", "http.url")).toBe(page);
    expect(tag("productpage.default", "SERVER", "productpage", "http.url")).toBe(page);
    expect(tag("productpage.default", "CLIENT", "details", "http.url")).toBe(
      "http://details:9080/details/0",
    );
    expect(tag("ratings.default", "SERVER", "ratings", "http.url")).toBe(
      "http://ratings:9080/ratings/0",
    );
    expect(tag("productpage.default", "CLIENT", "reviews", "upstream_cluster")).toBe(
      "outbound|9080|v3|reviews.default.svc.cluster.local",
    );
    expect(tag("reviews.default", "SERVER", "reviews", "upstream_cluster")).toBe("inbound|9080||");
    expect(tag(gateway, "SERVER", "productpage", "node_id")).toMatch(
      /^router~.+~istio-ingressgateway\.istio-system~istio-system\.svc\.cluster\.local$/,
    );
    expect(tag("reviews.default", "SERVER", "reviews", "node_id")).toMatch(
      /^sidecar~.+~reviews-v3\.default~default\.svc\.cluster\.local$/,
    );
  });

  test("A: the gateway's own CLIENT span", () => {
    const spawned = spanOf(linked, gateway, "CLIENT", "router ");
    expect(Object.keys(spawned?.tags ?? {}).sort()).toEqual(spawnedTags);
    expect(spawned?.tags).toMatchObject({
      "http.status_code": "200",
      "peer.address": expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      upstream_address: spawned?.tags?.["peer.address"],
      "istio.canonical_revision": "latest",
    });
  });

  test("A: the program's spans came as v1 thrift and kept their host", () => {
    const root = spanOf(linked, "external-proxy", "SERVER", "inbound");
    expect(root?.localEndpoint).toEqual({
      serviceName: "external-proxy",
      ipv4: "127.0.0.1",
      port: mesh.port(5000),
    });
  });

  test("A: the dependency links", async () => {
    const url = mesh.url(9411, `/api/v2/dependencies?endTs=${Date.now() + 1_000}`);
    const links = (await (await fetch(url)).json()) as { parent: string; child: string }[];
    expect(links.map(({ parent, child }) => `${parent} -> ${child}`)).toEqual(
      expect.arrayContaining([
        `external-proxy -> ${gateway}`,
        `${gateway} -> productpage.default`,
        "productpage.default -> details.default",
        "productpage.default -> reviews.default",
        "reviews.default -> ratings.default",
      ]),
    );
  });

  test("C: a caller that sends an id nobody reports leaves the mesh's part without its parent", async () => {
    const { status, traceId } = await ask(mesh, "/productpage");
    expect(status).toBe(200);
    const spans = await mesh.trace(traceId, 9);
    expect(() => shapeOf(spans)).toThrow(`names the parent ${clientSpanId}, which nobody reported`);
    expect(shapeOf(belowClient(spans))).toEqual(meshTree({ ratings: true }));
  });

  test("D: not sampled means no span anywhere, and the page all the same", async () => {
    const { status, traceId } = await ask(mesh, "/productpage", { "x-b3-sampled": "0" });
    expect(status).toBe(200);
    const { traceId: later } = await ask(mesh, "/productpage");
    expect(await mesh.trace(later, 9)).toHaveLength(9);
    expect((await fetch(mesh.url(9411, `/api/v2/trace/${traceId}`))).status).toBe(404);
  });

  test.each([
    ["no sampling decision", (id: string) => ({ "x-b3-traceid": id, "x-b3-spanid": clientSpanId })],
    [
      "64 bit",
      (id: string) => ({
        "x-b3-traceid": id.slice(16),
        "x-b3-spanid": clientSpanId,
        "x-b3-sampled": "1",
      }),
    ],
    ["single header", (id: string) => ({ b3: `${id}-${clientSpanId}-1` })],
    [
      "debug flag",
      (id: string) => ({ "x-b3-traceid": id, "x-b3-spanid": clientSpanId, "x-b3-flags": "1" }),
    ],
    [
      "B3 beside a traceparent that disagrees",
      (id: string) => ({
        "x-b3-traceid": id,
        "x-b3-spanid": clientSpanId,
        "x-b3-sampled": "1",
        traceparent: `00-${newTraceId()}-00f067aa0ba902b7-01`,
      }),
    ],
  ])("E: the client's context is continued: %s", async (_name, headersOf) => {
    const headers = headersOf(newTraceId());
    const traceId = ("b3" in headers ? headers.b3 : headers["x-b3-traceid"])?.split("-")[0] ?? "";
    const response = await fetch(mesh.url(8080, "/productpage"), { headers });
    expect(response.status).toBe(200);
    await response.body?.cancel();
    const spans = await mesh.trace(traceId, 9);
    expect(shapeOf(belowClient(spans))).toEqual(meshTree({ ratings: true }));
  });

  test("E: no context, or only a traceparent, starts a new trace of 128 bits at the gateway", async () => {
    const foreign = newTraceId();
    const response = await fetch(mesh.url(8080, "/productpage?only=traceparent"), {
      headers: { traceparent: `00-${foreign}-00f067aa0ba902b7-01` },
    });
    await response.body?.cancel();
    const query = encodeURIComponent(
      `http.url=http://127.0.0.1:${mesh.port(8080)}/productpage?only=traceparent`,
    );
    const spans = await eventually(9, async () => {
      const found = await fetch(mesh.url(9411, `/api/v2/traces?annotationQuery=${query}`));
      return ((await found.json()) as Span[][])[0] ?? [];
    });
    expect(shapeOf(spans)).toEqual(meshTree({ ratings: true }));
    expect(spans[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spans[0]?.traceId).not.toBe(foreign);
  });

  test("E: a path without a route is one span with NR, named by the Host", async () => {
    const { status, traceId } = await ask(mesh, "/nowhere");
    expect(status).toBe(404);
    const [span, ...others] = await mesh.trace(traceId, 1);
    expect(others).toEqual([]);
    expect(span?.name).toBe(`127.0.0.1:${mesh.port(8080)}`);
    expect(span?.kind).toBe("SERVER");
    expect(span?.tags).toMatchObject({ "http.status_code": "404", response_flags: "NR" });
    expect(span?.tags).not.toHaveProperty("error");
    expect(span?.tags).not.toHaveProperty("upstream_cluster");
  });

  test.each([
    ["/static/productpage.css", "static*", 200],
    ["/api/v1/products", "api/v1/products*", 200],
    ["/api/v1/products/x", "api/v1/products*", 400],
    ["/api/v1/products/7", "api/v1/products*", 404],
  ])("E: %s goes no further than productpage", async (path, name, expected) => {
    const { status, traceId } = await ask(mesh, path);
    expect(status).toBe(expected);
    expect(shapeOf(belowClient(await mesh.trace(traceId, 3)))).toEqual(throughGateway({}, name));
  });

  test("E: /api/v1/products/0/reviews has seven spans", async () => {
    const { body, traceId } = await ask(mesh, "/api/v1/products/0/reviews");
    expect(JSON.parse(body)).toMatchObject({ id: "0", podname: "reviews-v3" });
    const below = hop("productpage", "reviews", hop("reviews", "ratings"));
    expect(shapeOf(belowClient(await mesh.trace(traceId, 7)))).toEqual(
      throughGateway(below, "api/v1/products*"),
    );
  });

  test.each([
    ["ids that are not hex", { "x-b3-traceid": "no hex!", "x-b3-spanid": "zz" }],
    ["a single header of nonsense beside a broken traceparent", { b3: "x-y-z", traceparent: "00" }],
    ["8 KB of it", { b3: "f".repeat(8_000) }],
  ])("a malformed context never breaks the page: %s", async (_name, headers) => {
    const response = await fetch(mesh.url(8080, "/productpage"), { headers });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("reviews-v3");
  });

  test("Knative: the sample's host answers through the gateway", async () => {
    const body = await get(mesh.port(8080), "helloworld-go.default.example.com");
    expect(body).toBe("Hello Go Sample v1!\n");
  });
});

test("participate: one tree, the services' own spans between the sidecars'", async () => {
  const mesh = await startMesh({ services, portOffset: 12_400, env: { DELAY_MS: "0" } });
  try {
    const { body, spans } = await curlOutside(mesh, 18);
    expect(body).toBe("OK");
    /** sidecar CLIENT -> sidecar SERVER -> the service's own SERVER. */
    const own = (from: string, to: string, below: Shape = {}): Shape => ({
      [`${from} CLIENT get ${to}:9080`]: {
        [`${from}.default CLIENT ${to}.default.svc.cluster.local:9080/*`]: {
          [`${to}.default SERVER ${to}.default.svc.cluster.local:9080/*`]: {
            [`${to} SERVER get /${to}/:id`]: below,
          },
        },
      },
    });
    expect(shapeOf(spans)).toEqual(
      outside(
        mesh,
        throughGateway({
          "productpage SERVER get /productpage": {
            ...own("productpage", "details"),
            ...own("productpage", "reviews", own("reviews", "ratings")),
          },
        }),
      ),
    );
  } finally {
    await mesh.stop();
  }
});

test("off: productpage drops the headers, and new traces start at its sidecar's outbound side", async () => {
  const mesh = await startMesh({
    services,
    portOffset: 12_800,
    env: { TRACE_MODE: "forward", PRODUCTPAGE_TRACE_MODE: "off", DELAY_MS: "0" },
  });
  try {
    await (await fetch(mesh.url(5000, "/"))).text();
    await eventually(11, async () => (await mesh.traces(3)).flat());
    const shapes = (await mesh.traces(3)).map((spans) => shapeOf(spans));
    expect(shapes).toHaveLength(3);
    expect(shapes).toEqual(
      expect.arrayContaining([
        outside(mesh, throughGateway({})),
        hop("productpage", "details"),
        hop("productpage", "reviews", hop("reviews", "ratings")),
      ]),
    );
  } finally {
    await mesh.stop();
  }
});

/** fetch does not let a caller choose the Host. */
async function get(port: number, host: string): Promise<string> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", headers: { host } }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve(body));
    })
      .on("error", reject)
      .end();
  });
}

const istioTags = [
  "istio.canonical_revision",
  "istio.canonical_service",
  "istio.cluster_id",
  "istio.mesh_id",
  "istio.namespace",
];
const managerTags = [
  ...istioTags,
  "component",
  "downstream_cluster",
  "guid:x-request-id",
  "http.method",
  "http.protocol",
  "http.status_code",
  "http.url",
  "node_id",
  "peer.address",
  "request_size",
  "response_flags",
  "response_size",
  "upstream_cluster",
  "upstream_cluster.name",
  "user_agent",
].sort();
const spawnedTags = [
  ...istioTags,
  "component",
  "http.protocol",
  "http.status_code",
  "peer.address",
  "response_flags",
  "upstream_address",
  "upstream_cluster",
  "upstream_cluster.name",
].sort();
