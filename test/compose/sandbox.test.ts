/** The sandbox in containers: the whole span tree of a request as the real Zipkin stores it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shapeOf } from "../e2e/trace-shape.ts";
import { type ComposeMesh, composeUp } from "./compose-mesh.ts";
import { ensureDocker } from "./docker-engine.ts";

const minute = 60_000;
const services = ["front-proxy"];

beforeAll(() => ensureDocker(), 10 * minute);

// The proxies are ours, or the real Envoy on the same envoy.yaml files: the trees are the same.
const proxies = [
  { proxy: "tracemesh envoy", key: "ours", files: ["docker-compose.yml"] },
  { proxy: "the real Envoy", key: "envoy", files: ["docker-compose.yml", "compose.envoy.yml"] },
];

describe.each(proxies)("with $proxy", ({ key, files }) => {
  describe("participate", () => {
    let mesh: ComposeMesh;
    beforeAll(async () => {
      mesh = await composeUp({
        files,
        services,
        name: `${key}-participate`,
        env: { TRACE_MODE: "participate" },
      });
    }, 10 * minute);
    afterAll(() => mesh?.down(), minute);

    test("curl /trace/1 is answered by service 1, with the id of its trace", async () => {
      const response = await mesh.get("/trace/1");
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(
        /^Hello from behind Envoy \(service 1\)! hostname: \S+ resolvedhostname: [\d.]+\n$/,
      );
      expect(Object.fromEntries(response.headers)).toMatchObject({
        server: "envoy",
        "content-type": "text/html; charset=utf-8",
        "x-b3-traceid": expect.stringMatching(/^[0-9a-f]{16}$/),
        "x-request-id": expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-9/),
        "x-envoy-protocol-version": "HTTP/1.1",
        "x-envoy-upstream-service-time": expect.stringMatching(/^\d+$/),
      });
    });

    test(
      "proxies' and services' spans are one tree without a missing parent",
      async () => {
        const traceId = await traceIdOf(mesh.get("/trace/1"));
        expect(shapeOf(await mesh.trace(traceId, 7))).toEqual({
          "front-proxy CLIENT routetoservice1": {
            "service1 SERVER routetoservice1 shared": {
              "service1 SERVER get /trace/1": {
                "service1 CLIENT get localhost:9000": {
                  "service1 CLIENT routetoservice2": {
                    "service2 SERVER routetoservice2 shared": {
                      "service2 SERVER get /trace/2": {},
                    },
                  },
                },
              },
            },
          },
        });
      },
      minute,
    );

    test(
      "a client's own B3 is continued, a malformed one breaks nothing",
      async () => {
        const traceId = "463ac35c9f6413ad48485a3953bb6124";
        const response = await mesh.get("/trace/1", { b3: `${traceId}-a2fb4a1d1a96d312-1` });
        expect(response.status).toBe(200);
        const spans = await mesh.trace(traceId, 7);
        expect(spans).toHaveLength(7);
        const front = spans.find(
          ({ localEndpoint }) => localEndpoint?.serviceName === "front-proxy",
        );
        expect(front?.parentId).toBe("a2fb4a1d1a96d312");
        expect((await mesh.get("/trace/1", { b3: "garbage" })).status).toBe(200);
      },
      minute,
    );
  });

  describe("forward", () => {
    let mesh: ComposeMesh;
    beforeAll(async () => {
      mesh = await composeUp({
        files,
        services,
        name: `${key}-forward`,
        env: { TRACE_MODE: "forward" },
      });
    }, 10 * minute);
    afterAll(() => mesh?.down(), minute);

    test(
      "exactly the proxies' four spans, ids R, R shared, S, S shared",
      async () => {
        const traceId = await traceIdOf(mesh.get("/trace/1"));
        const spans = await mesh.trace(traceId, 4);
        expect(shapeOf(spans)).toEqual({
          "front-proxy CLIENT routetoservice1": {
            "service1 SERVER routetoservice1 shared": {
              "service1 CLIENT routetoservice2": { "service2 SERVER routetoservice2 shared": {} },
            },
          },
        });
        const byId = Map.groupBy(spans, ({ id }) => id);
        expect([...byId.values()].map(({ length }) => length)).toEqual([2, 2]);
        // A root's span id is its trace id; S is a child of R.
        expect(byId.get(traceId)?.every(({ parentId }) => parentId === undefined)).toBe(true);
        const s = spans.filter(({ id }) => id !== traceId);
        expect(s.map(({ parentId }) => parentId)).toEqual([traceId, traceId]);
        expect(await mesh.traces(1)).toHaveLength(1);
      },
      minute,
    );
  });
});

async function traceIdOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  await response.body?.cancel();
  return response.headers.get("x-b3-traceid") ?? "";
}
