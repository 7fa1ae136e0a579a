/**
 * A program outside the mesh, the gateway and bookinfo in containers: one tree in the real Zipkin, from v1 thrift and v2 JSON reports.
 * Once with our external-proxy, once with Flask and a real py_zipkin 0.20.2.
 */
import type { Span } from "@tracemesh/zipkin";
import { afterAll, beforeAll, expect, test } from "vitest";
import { meshTree } from "../e2e/bookinfo.ts";
import { shapeOf } from "../e2e/trace-shape.ts";
import { type ComposeMesh, composeUp } from "./compose-mesh.ts";
import { ensureDocker } from "./docker-engine.ts";

const minute = 60_000;

let mesh: ComposeMesh;
beforeAll(async () => {
  await ensureDocker(["python:3.11-slim-bookworm"]);
  mesh = await composeUp({
    files: ["docker-compose.yml", "test/compose/webapp.compose.yml"],
    services: ["external-proxy", "webapp"],
    name: "linkage",
    env: { TRACE_MODE: "forward", DELAY_MS: "0" },
  });
}, 10 * minute);
afterAll(() => mesh?.down(), 2 * minute);

/** Its trace, known by the name of the span at its root. */
async function traceOf(ask: () => Promise<Response>, root: string): Promise<readonly Span[]> {
  const response = await ask();
  expect([response.status, await response.text()]).toEqual([200, "OK"]);
  const traces = await mesh.traces(1);
  const own = traces.find((spans) => spans.some(({ name }) => name === root));
  return mesh.trace(own?.[0]?.traceId ?? "", 11);
}

test(
  "curl localhost:5000 answers OK, and its trace is one tree from outside the mesh to ratings",
  async () => {
    const spans = await traceOf(mesh.getOutside, "external-proxy/inbound");
    expect(shapeOf(spans)).toEqual({
      "external-proxy SERVER external-proxy/inbound": {
        "external-proxy CLIENT get ingress-gateway:8080": meshTree({ ratings: true }),
      },
    });
  },
  2 * minute,
);

test(
  "the same tree hangs below a real py_zipkin program",
  async () => {
    const spans = await traceOf(mesh.getWebApp, "index");
    expect(shapeOf(spans)).toEqual({
      "webapp SERVER index": { "webapp CLIENT call_productpage": meshTree({ ratings: true }) },
    });
  },
  2 * minute,
);
