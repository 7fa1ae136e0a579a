/** A Knative Service behind the gateway: revisions, their shares, and a cold start as a trace shows it. */
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { belowClient, clientSpanId, gateway, newTraceId } from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { type Shape, shapeOf } from "./trace-shape.ts";

const routes = fileURLToPath(new URL("../../deploy/knative/helloworld-v2.yaml", import.meta.url));
const host = "helloworld-go.default.example.com";

let mesh: Mesh;
beforeAll(async () => {
  mesh = await startMesh({
    services: ["ingress-gateway"],
    args: ["--routes", routes],
    portOffset: 16_200,
    // Longer than the suite: the process that the first test starts is the one the second finds.
    env: { SCALE_TO_ZERO_AFTER_MS: "600000" },
  });
});
afterAll(() => mesh?.stop());

/** fetch does not let a caller choose the Host. */
function hello(name: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      port: mesh.port(8080),
      host: "127.0.0.1",
      headers: { host: name, ...headers },
    };
    request(options, (response) => {
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

async function traced(name: string, count: number): Promise<{ body: string; shape: Shape }> {
  const traceId = newTraceId();
  const body = await hello(name, {
    "x-b3-traceid": traceId,
    "x-b3-spanid": clientSpanId,
    "x-b3-sampled": "1",
  });
  return { body, shape: shapeOf(belowClient(await mesh.trace(traceId, count))) };
}

const withoutPorts = (shape: Shape): Shape =>
  Object.fromEntries(
    Object.entries(shape).map(([name, below]) => [
      name.replace(/127\.0\.0\.1:\d+/, "the process"),
      withoutPorts(below),
    ]),
  );

const throughGateway = (below: Shape): Shape => ({
  [`${gateway} SERVER helloworld-go-00002.default.svc.cluster.local:80/*`]: {
    [`${gateway} CLIENT router outbound|80||helloworld-go-00002.default.svc.cluster.local; egress`]:
      { "helloworld SERVER get": below },
  },
});

test("a cold start shows the wait and the held request; the next call has neither", async () => {
  const cold = await traced(`next-${host}`, 6);
  expect(cold.body).toBe("Hello Go Sample v2!\n");
  expect(withoutPorts(cold.shape)).toEqual(
    throughGateway({
      "helloworld LOCAL throttler_try": {},
      "helloworld LOCAL activator_proxy": { "helloworld CLIENT get the process": {} },
    }),
  );
  const warm = await traced(`next-${host}`, 4);
  expect(withoutPorts(warm.shape)).toEqual(
    throughGateway({ "helloworld CLIENT get the process": {} }),
  );
});

test("the revisions share the host's requests as the manifest says", async () => {
  const counts: Record<string, number> = {};
  for (let batch = 0; batch < 20; batch++) {
    const bodies = await Promise.all(
      Array.from({ length: 10 }, () => hello(host, { "x-b3-sampled": "0" })),
    );
    for (const body of bodies) counts[body] = (counts[body] ?? 0) + 1;
  }
  expect(Object.keys(counts).sort()).toEqual(["Hello Go Sample v1!\n", "Hello Go Sample v2!\n"]);
  // 40 of 200, plus or minus five standard deviations (5.7 each).
  expect(counts["Hello Go Sample v2!\n"]).toBeGreaterThan(11);
  expect(counts["Hello Go Sample v2!\n"]).toBeLessThan(69);
});
