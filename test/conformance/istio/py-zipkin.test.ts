/** A program nobody here wrote the tracing of: Flask with py_zipkin 0.20.2 in front of the mesh. Contract section A. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, gateway, meshTree, spanOf } from "../../e2e/bookinfo.ts";
import { type Mesh, startMesh } from "../../e2e/mesh.ts";
import { shapeOf } from "../../e2e/trace-shape.ts";
import { installPyZipkin, startWebApp, type WebApp } from "./webapp.ts";

/** Jason's reviews come from v2, everybody else's from v3. */
const routes = fileURLToPath(
  new URL("../../../deploy/istio/routes/reviews-jason.yaml", import.meta.url),
);

let mesh: Mesh;
let webapp: WebApp;

beforeAll(async () => {
  installPyZipkin();
  mesh = await startMesh({
    services: ["ingress-gateway"],
    args: ["--routes", routes],
    portOffset: 14_200,
    env: { TRACE_MODE: "forward", SESSION_SECRET: "for tests" },
  });
  webapp = await startWebApp({
    port: mesh.port(5000),
    gateway: `127.0.0.1:${mesh.port(8080)}`,
    collector: mesh.url(9411, "/api/v1/spans"),
  });
}, 180_000);
afterAll(async () => {
  await webapp?.stop();
  await mesh?.stop();
});

test("its trace and the mesh's are tree A: eleven spans, one root, no missing parent", async () => {
  const response = await fetch(webapp.url);
  expect(await response.text()).toBe("OK");
  const spans = await eventually(11, async () => {
    const traces = await mesh.traces(1);
    return traces.find((trace) => spanOf(trace, "webapp", "SERVER", "index")) ?? [];
  });
  expect(shapeOf(spans)).toEqual({
    "webapp SERVER index": { "webapp CLIENT call_productpage": meshTree({ ratings: true }) },
  });
  expect(spans).toHaveLength(11);
  expect(spanOf(spans, "webapp", "SERVER", "index")?.localEndpoint).toEqual({
    serviceName: "webapp",
    ipv4: "127.0.0.1",
    port: mesh.port(5000),
  });
  const client = spanOf(spans, "webapp", "CLIENT", "call_productpage");
  expect(spanOf(spans, gateway, "SERVER", "productpage")?.parentId).toBe(client?.id);
});

test("a local span instead of a client span, and jason's cookie: the mesh hangs below it all the same", async () => {
  const before = new Set((await mesh.traces(1)).map(([span]) => span?.traceId));
  const login = await fetch(mesh.url(8080, "/login"), {
    method: "POST",
    body: new URLSearchParams({ username: "jason" }),
    redirect: "manual",
  });
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  const response = await fetch(`${webapp.url}/own-span`, { headers: { cookie } });
  expect(await response.text()).toBe("OK");
  const spans = await eventually(12, async () => {
    const traces = await mesh.traces(1);
    return traces.find((trace) => !before.has(trace[0]?.traceId) && trace.length > 3) ?? [];
  });
  expect(shapeOf(spans)).toEqual({
    "webapp SERVER index": {
      "? LOCAL call_productpage": meshTree({ ratings: true }),
      "? LOCAL render": {},
    },
  });
  const reviews = spanOf(spans, "reviews.default", "SERVER", "reviews");
  expect(reviews?.tags?.["istio.canonical_revision"]).toBe("v2");
});
