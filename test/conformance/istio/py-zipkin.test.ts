/** A program nobody here wrote the tracing of: Flask with py_zipkin 0.20.2 in front of the mesh. Contract section A. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, gateway, meshTree, spanOf } from "../../e2e/bookinfo.ts";
import { type Mesh, startMesh } from "../../e2e/mesh.ts";
import { shapeOf } from "../../e2e/trace-shape.ts";
import { installPyZipkin, startWebApp, type WebApp } from "./webapp.ts";

let mesh: Mesh;
let webapp: WebApp;

beforeAll(async () => {
  installPyZipkin();
  mesh = await startMesh({
    services: ["ingress-gateway"],
    portOffset: 14_200,
    env: { TRACE_MODE: "forward" },
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
