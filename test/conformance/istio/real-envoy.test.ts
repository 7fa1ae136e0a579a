/** Every routing of bookinfo through the real Envoy instead of our proxy: the same pages and the same span trees. */
import { fileURLToPath } from "node:url";
import type { Span } from "@tracemesh/zipkin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, belowClient, eventually, throughGateway } from "../../e2e/bookinfo.ts";
import { type Mesh, startMesh } from "../../e2e/mesh.ts";
import { shapeOf } from "../../e2e/trace-shape.ts";
import { installRealEnvoy } from "../envoy/real-envoy.ts";
import { type Proxies, realEnvoy, startProxies, startServices } from "./real-mesh.ts";

const env = { TRACE_MODE: "forward", SESSION_SECRET: "for tests" };
const manifest = (name: string) =>
  fileURLToPath(new URL(`../../../deploy/istio/routes/${name}.yaml`, import.meta.url));

/** Tags that say where and when, not what: ports, sizes of what holds them, ids. */
const volatile = ["guid:x-request-id", "http.url", "node_id", "peer.address", "upstream_address"];

interface Outcome {
  readonly status: number;
  readonly body: string;
  readonly tree: object;
  /** Of each span, in the order of its place: what stays the same from run to run. */
  readonly tags: readonly object[];
}

async function visit(mesh: Mesh, user: string | undefined, count: number): Promise<Outcome> {
  const headers = user === undefined ? {} : { cookie: await login(mesh, user) };
  const { status, body, traceId } = await ask(mesh, "/productpage", headers);
  const spans = await eventually(count, () => mesh.trace(traceId, count));
  const tags = spans
    .map((span) => ({
      who: `${span.localEndpoint?.serviceName} ${span.kind} ${span.name}`,
      tags: stable(span),
    }))
    .sort((a, b) => a.who.localeCompare(b.who));
  return { status, body, tree: shapeOf(belowClient(spans)), tags };
}

function stable({ tags = {} }: Span): object {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [key, volatile.includes(key) ? "there" : value]),
  );
}

async function login(mesh: Mesh, user: string): Promise<string> {
  const response = await fetch(mesh.url(8080, "/login"), {
    method: "POST",
    body: new URLSearchParams({ username: user }),
    redirect: "manual",
  });
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

const cases = [
  { routes: "reviews-v3", user: undefined, count: 9 },
  { routes: "all-v1", user: undefined, count: 7 },
  { routes: "reviews-mirror", user: undefined, count: 7 },
  { routes: "reviews-jason", user: "jason", count: 9 },
  { routes: "reviews-jason", user: undefined, count: 9 },
  { routes: "fault-details-abort", user: undefined, count: 8 },
  { routes: "fault-ratings-abort", user: "jason", count: 8 },
  // Reviews are asked twice and given up twice, while ratings is still being waited for.
  { routes: "fault-ratings-delay", user: "jason", count: 13 },
] as const;

describe("real Envoy and ours", () => {
  let services: Mesh;
  let real: Proxies | undefined;
  let ours: Mesh | undefined;
  beforeAll(async () => {
    installRealEnvoy();
    services = await startServices(14_700, env);
  }, 180_000);
  afterAll(() => services?.stop());

  test.each(cases)(
    "$routes for $user: the same page, tree and tags",
    async (item) => {
      try {
        real = await startProxies(realEnvoy(), services, [manifest(item.routes)]);
        const expected = await visit(services, item.user, item.count);
        await real.stop();
        real = undefined;
        ours = await startMesh({
          services: ["ingress-gateway"],
          args: ["--routes", manifest(item.routes)],
          portOffset: 15_200,
          env,
        });
        const actual = await visit(ours, item.user, item.count);
        expect(expected.status).toBe(200);
        expect(expected.tags).toHaveLength(item.count);
        expect(actual).toEqual(expected);
      } finally {
        await real?.stop();
        await ours?.stop();
        ours = undefined;
      }
    },
    90_000,
  );

  test("telemetry-10: real Envoy records about one request in ten, and then the whole trace", async () => {
    real = await startProxies(realEnvoy(), services, [manifest("telemetry-10")]);
    try {
      const before = new Set((await services.traces(0)).map(([span]) => span?.traceId));
      for (let batch = 0; batch < 15; batch++) {
        const requests = Array.from({ length: 20 }, async () => {
          await (await fetch(services.url(8080, "/api/v1/products"))).text();
        });
        await Promise.all(requests);
      }
      const traces = (await services.traces(before.size + 1)).filter(
        ([span]) => !before.has(span?.traceId),
      );
      // 30 plus or minus five standard deviations (5.2 each).
      expect(traces.length).toBeGreaterThan(4);
      expect(traces.length).toBeLessThan(56);
      for (const spans of traces)
        expect(shapeOf(spans)).toEqual(throughGateway({}, "api/v1/products*"));
    } finally {
      await real.stop();
      real = undefined;
    }
  }, 90_000);
});
