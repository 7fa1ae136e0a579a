/** What an application at the end of the chain gets to see: details behind its sidecar, with the real Envoy and with ours. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, eventually, spanOf } from "../../e2e/bookinfo.ts";
import type { Mesh } from "../../e2e/mesh.ts";
import { ourProxy, realEnvoy, startProxies, startServices } from "./real-mesh.ts";

const detailsPort = 9081;
const env = { TRACE_MODE: "forward", SESSION_SECRET: "for tests" };
const book = { id: 0, author: "William Shakespeare", year: 1595, type: "paperback", pages: 200 };

type Headers = readonly (readonly [name: string, value: string])[];

/** Stands where details would and writes down what it is asked. */
async function startDetails(port: number, seen: Headers[]): Promise<Server> {
  const server = createServer((request, response) => {
    const raw = request.rawHeaders;
    seen.push(
      Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? "", raw[2 * i + 1] ?? ""]),
    );
    response.setHeader("content-type", "application/json").end(JSON.stringify(book));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe("details behind its sidecar", () => {
  const seen: Headers[] = [];
  let services: Mesh;
  let details: Server;
  beforeAll(async () => {
    realEnvoy();
    services = await startServices(14_900, env, "details-v1");
    details = await startDetails(services.port(detailsPort), seen);
  }, 180_000);
  afterAll(async () => {
    await services?.stop();
    details?.close();
  });

  /** The headers of one request from the gateway, ids told by whose they are. */
  async function headersSeen(command: typeof ourProxy): Promise<Headers> {
    const proxies = await startProxies(command, services, []);
    try {
      seen.length = 0;
      const { status, traceId } = await ask(services, "/productpage");
      expect(status).toBe(200);
      const spans = await eventually(9, () => services.trace(traceId, 9));
      const server = spanOf(spans, "details.default", "SERVER", "details");
      const client = spanOf(spans, "productpage.default", "CLIENT", "details");
      const owners = new Map([
        [traceId, "the trace"],
        [server?.id, "the sidecar's SERVER span"],
        [client?.id, "the caller's CLIENT span"],
        [server?.tags?.["guid:x-request-id"], "the request's id"],
      ]);
      expect(seen).toHaveLength(1);
      return (seen[0] ?? []).map(([name, value]) => [name, owners.get(value) ?? value]);
    } finally {
      await proxies.stop();
    }
  }

  test("the same headers in the same order; the span id is its sidecar's, the parent its caller's", async () => {
    const real = await headersSeen(realEnvoy());
    expect(real).toEqual(
      expect.arrayContaining([
        ["x-request-id", "the request's id"],
        ["x-forwarded-proto", "http"],
        ["x-envoy-attempt-count", "1"],
        ["x-b3-traceid", "the trace"],
        ["x-b3-spanid", "the sidecar's SERVER span"],
        ["x-b3-parentspanid", "the caller's CLIENT span"],
        ["x-b3-sampled", "1"],
      ]),
    );
    const names = real.map(([name]) => name);
    for (const absent of ["x-envoy-decorator-operation", "x-envoy-expected-rq-timeout-ms"])
      expect(names).not.toContain(absent);
    expect(await headersSeen(ourProxy)).toEqual(real);
  }, 120_000);
});
