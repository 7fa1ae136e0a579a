/** Who names a span: the configured operation, the route's decorator or a header; the real Envoy and ours side by side. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { router, routesOfAll, zipkinProvider } from "../rig/configuration-parts.ts";
import { bootstrap, type Side, startSide } from "./side-by-side.ts";

const minute = 60_000;
const header = "x-envoy-decorator-operation";
/** Envoy sends a report for every five spans. */
const reportSpans = 5;

const settings = [
  { direction: "OUTBOUND", operation: undefined },
  { direction: "OUTBOUND", operation: "op %REQ(x-op)%" },
  { direction: "INBOUND", operation: undefined },
  { direction: "INBOUND", operation: "op %REQ(x-op)%" },
] as const;

const requests: readonly Readonly<Record<string, string>>[] = [
  { "x-op": "plain" },
  { "x-op": "caller", [header]: "caller" },
  { "x-op": "callee", "x-answer": "callee" },
  { "x-op": "both", [header]: "caller", "x-answer": "callee" },
  {},
];

describe.each(settings)("$direction, operation $operation", ({ direction, operation }) => {
  let upstream: Server;
  const names: string[] = [];
  beforeAll(async () => {
    upstream = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk) => {
        body += chunk;
      });
      request.once("end", () => {
        if (request.url === "/api/v2/spans") {
          const spans = JSON.parse(body) as { readonly name: string }[];
          names.push(...spans.map(({ name }) => name));
          response.writeHead(202).end();
          return;
        }
        const answer = request.headers["x-answer"];
        if (answer !== undefined) response.setHeader(header, answer);
        response.setHeader("x-saw", request.headers[header] ?? "nothing").end("ok");
      });
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
  });
  afterAll(() => {
    upstream?.close();
  });

  /** The answers, and the names of the spans in the order of the requests. */
  async function outcome(start: Promise<Side>): Promise<object> {
    const side = await start;
    try {
      names.length = 0;
      const answers = [];
      for (const headers of requests) answers.push(await side.ask({ headers }));
      await expect.poll(() => names.length, { timeout: 10_000 }).toBe(reportSpans);
      return { answers, names: [...names] };
    } finally {
      await side.stop();
    }
  }

  test(
    "the same names, and the same headers in both directions",
    async () => {
      const provider = zipkinProvider("service");
      const decorated = {
        match: { prefix: "/" },
        decorator: { operation: "decorated" },
        route: { cluster: "service" },
      };
      const manager = {
        generate_request_id: true,
        tracing: { provider, ...(operation === undefined ? {} : { operation }) },
        route_config: routesOfAll([decorated]),
        http_filters: [router()],
      };
      const config = bootstrap(manager, (upstream.address() as AddressInfo).port, direction);
      const expected = await outcome(startSide(realEnvoy(), config));
      expect(await outcome(startSide(ourProxy, config))).toEqual(expected);
    },
    3 * minute,
  );
});
