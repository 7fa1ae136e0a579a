/** Contract section F: tracing switched on in MeshConfig alone. The gateway has one span, and the trace is one span shorter. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, belowClient, gateway, hop } from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { shapeOf } from "./trace-shape.ts";

/** Laid over deploy/istio: no provider to name, no Telemetry that names one. The address is dialled as it is written. */
const legacy = `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |
    enableTracing: true
    defaultConfig:
      tracing:
        sampling: 100
        zipkin:
          address: zipkin:9411
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: mesh-default
  namespace: istio-system
spec: {}
`;

let folder: string;
let mesh: Mesh;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tracemesh-legacy-"));
  const file = join(folder, "legacy.yaml");
  await writeFile(file, legacy);
  mesh = await startMesh({
    services: ["ingress-gateway"],
    args: ["--routes", file],
    portOffset: 15_700,
    env: { TRACE_MODE: "forward" },
  });
});
afterAll(async () => {
  await mesh?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("F: the gateway's one span is a CLIENT, parent of productpage's SERVER span", async () => {
  const { status, traceId } = await ask(mesh, "/productpage");
  expect(status).toBe(200);
  const page = "productpage.default.svc.cluster.local:9080/productpage";
  expect(shapeOf(belowClient(await mesh.trace(traceId, 8)))).toEqual({
    [`${gateway} CLIENT ${page}`]: {
      [`productpage.default SERVER ${page}`]: {
        ...hop("productpage", "details"),
        ...hop("productpage", "reviews", hop("reviews", "ratings")),
      },
    },
  });
});
