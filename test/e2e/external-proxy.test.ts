/** The program outside the mesh when the gateway is not there: a 502 that says why, and a trace that says it, too. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, spanOf } from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { shapeOf } from "./trace-shape.ts";

let mesh: Mesh;
beforeAll(async () => {
  mesh = await startMesh({
    services: ["external-proxy"],
    portOffset: 16_700,
    // Port 1 of the loopback: nobody listens there.
    env: { INGRESS_GATEWAY: "127.0.0.1:1", DELAY_MS: "0", ZIPKIN_ENCODING: "v1-json" },
  });
});
afterAll(() => mesh?.stop());

test("502 with the reason; both its spans carry the error and are stored", async () => {
  const response = await fetch(mesh.url(5000, "/"));
  const reason =
    "the call to http://127.0.0.1:1/productpage failed: connect ECONNREFUSED 127.0.0.1:1";
  expect([response.status, await response.text()]).toEqual([502, `${reason}\n`]);
  const spans = await eventually(2, async () => (await mesh.traces(1)).flat());
  expect(shapeOf(spans)).toEqual({
    "external-proxy SERVER external-proxy/inbound": { "external-proxy CLIENT get 127.0.0.1:1": {} },
  });
  expect(spanOf(spans, "external-proxy", "SERVER", "inbound")?.tags?.["error"]).toBe(reason);
  expect(spanOf(spans, "external-proxy", "CLIENT", "get")?.tags?.["error"]).toContain(
    "ECONNREFUSED",
  );
});
