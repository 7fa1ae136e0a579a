/** The program outside the mesh when the gateway is not there: a 502 that says why, and a trace that says it, too. */
import { findFreePorts } from "@tracemesh/cli";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, spanOf } from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { shapeOf } from "./trace-shape.ts";

let mesh: Mesh;
let nobody: string;
beforeAll(async () => {
  nobody = `127.0.0.1:${(await findFreePorts(1))[0]}`;
  mesh = await startMesh({
    services: ["external-proxy"],
    portOffset: 16_700,
    env: { INGRESS_GATEWAY: nobody, DELAY_MS: "0", ZIPKIN_ENCODING: "v1-json" },
  });
});
afterAll(() => mesh?.stop());

test("502 with the reason; both its spans carry the error and are stored", async () => {
  const response = await fetch(mesh.url(5000, "/"));
  const reason = `the call to http://${nobody}/productpage failed: connect ECONNREFUSED ${nobody}`;
  expect([response.status, await response.text()]).toEqual([502, `${reason}\n`]);
  const spans = await eventually(2, async () => (await mesh.traces(1)).flat());
  expect(shapeOf(spans)).toEqual({
    "external-proxy SERVER external-proxy/inbound": { [`external-proxy CLIENT get ${nobody}`]: {} },
  });
  expect(spanOf(spans, "external-proxy", "SERVER", "inbound")?.tags?.["error"]).toBe(reason);
  expect(spanOf(spans, "external-proxy", "CLIENT", "get")?.tags?.["error"]).toContain(
    "ECONNREFUSED",
  );
});
