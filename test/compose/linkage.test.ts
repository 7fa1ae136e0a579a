/** A program outside the mesh, the gateway and bookinfo in containers: one tree in the real Zipkin, from v1 thrift and v2 JSON reports. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { shapeOf } from "../e2e/trace-shape.ts";
import { type ComposeMesh, composeUp } from "./compose-mesh.ts";
import { ensureDocker } from "./docker-engine.ts";

const minute = 60_000;

let mesh: ComposeMesh;
beforeAll(async () => {
  await ensureDocker();
  mesh = await composeUp({
    files: ["docker-compose.yml"],
    services: ["external-proxy"],
    name: "linkage",
    env: { TRACE_MODE: "forward", DELAY_MS: "0" },
  });
}, 10 * minute);
afterAll(() => mesh?.down(), 2 * minute);

const host = (name: string) => `${name}.default.svc.cluster.local:9080`;

test(
  "curl localhost:5000 answers OK, and its trace is one tree from outside the mesh to ratings",
  async () => {
    const response = await mesh.getOutside();
    expect([response.status, await response.text()]).toEqual([200, "OK"]);
    const traces = await mesh.traces(1);
    const traceId = traces.find((spans) =>
      spans.some(({ name }) => name === "external-proxy/inbound"),
    )?.[0]?.traceId;
    expect(shapeOf(await mesh.trace(traceId ?? "", 11))).toEqual({
      "external-proxy SERVER external-proxy/inbound": {
        "external-proxy CLIENT get ingress-gateway:8080": {
          [`istio-ingressgateway.istio-system SERVER ${host("productpage")}/productpage`]: {
            "istio-ingressgateway.istio-system CLIENT router outbound|9080||productpage.default.svc.cluster.local; egress":
              {
                [`productpage.default SERVER ${host("productpage")}/productpage`]: {
                  [`productpage.default CLIENT ${host("details")}/*`]: {
                    [`details.default SERVER ${host("details")}/*`]: {},
                  },
                  [`productpage.default CLIENT ${host("reviews")}/*`]: {
                    [`reviews.default SERVER ${host("reviews")}/*`]: {
                      [`reviews.default CLIENT ${host("ratings")}/*`]: {
                        [`ratings.default SERVER ${host("ratings")}/*`]: {},
                      },
                    },
                  },
                },
              },
          },
        },
      },
    });
  },
  2 * minute,
);
