import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeParts, startService } from "@tracemesh/service-kit";
import request from "supertest";
import { afterEach, expect, test } from "vitest";
import { createApp, service } from "./app.ts";

const env = { INGRESS_GATEWAY: "gateway:8080", DELAY_MS: "0" };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Answers every request with the status and keeps what came. */
async function listen(status: number) {
  const received: { url: string; contentType: string; body: Buffer }[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      received.push({
        url: incoming.url ?? "",
        contentType: incoming.headers["content-type"] ?? "",
        body: Buffer.concat(chunks),
      });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { received, port: (server.address() as AddressInfo).port };
}

/** The service between a gateway and a collector of its own; `curl` asks it once and lets it report. */
async function startBetween(
  collectorStatus: number,
  path: string,
  more: Record<string, string> = {},
) {
  const gateway = await listen(200);
  const collector = await listen(collectorStatus);
  const lines: string[] = [];
  const running = await startService(service, {
    env: {
      PORT: "0",
      DELAY_MS: "0",
      INGRESS_GATEWAY: `127.0.0.1:${gateway.port}`,
      ZIPKIN_V1_ENDPOINT: `http://127.0.0.1:${collector.port}${path}`,
      ...more,
    },
    log: (line) => void lines.push(line),
  });
  const curl = async () => {
    const response = await fetch(`http://127.0.0.1:${running.port}/`);
    const answer = { status: response.status, text: await response.text() };
    await running.close();
    return answer;
  };
  return { curl, reports: collector.received, lines };
}

test("GET / calls the gateway's product page and answers OK", async () => {
  let called = "";
  const fetch: typeof globalThis.fetch = async (input) => {
    called = String(input);
    return new Response("<html>");
  };
  const { status, text } = await request(createApp(fakeParts({ env, fetch }))).get("/");
  expect([status, text]).toEqual([200, "OK"]);
  expect(called).toBe("http://gateway:8080/productpage");
});

test.each([
  ["answers 500", async () => new Response("", { status: 500 }), "was answered 500"],
  [
    "is unreachable",
    () =>
      Promise.reject(
        new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") }),
      ),
    "connect ECONNREFUSED",
  ],
] as const)("502 with the reason where the gateway %s", async (_what, fetch, reason) => {
  const { status, text } = await request(createApp(fakeParts({ env, fetch }))).get("/");
  expect(status).toBe(502);
  expect(text).toContain("http://gateway:8080/productpage");
  expect(text).toContain(reason);
});

test.each([
  [{ ...env, INGRESS_GATEWAY: "" }, 'INGRESS_GATEWAY "" is not host:port'],
  [{ ...env, INGRESS_GATEWAY: "http://x/y" }, "is not host:port"],
  [{ ...env, DELAY_MS: "soon" }, 'DELAY_MS "soon" is not a whole number from 0 to 3600000'],
])("wrong settings stop the start: %j", (wrong, message) => {
  expect(() => createApp(fakeParts({ env: wrong }))).toThrow(message);
});

test("reports a root and a client span as v1 thrift, to an endpoint whose token is in no log line", async () => {
  const { curl, reports, lines } = await startBetween(202, "/secret-token/api/v1/spans");
  expect(await curl()).toEqual({ status: 200, text: "OK" });
  expect(reports.map(({ url, contentType }) => [url, contentType])).toEqual([
    ["/secret-token/api/v1/spans", "application/x-thrift"],
  ]);
  const body = reports[0]?.body ?? Buffer.alloc(0);
  // A thrift list of two structs.
  expect(body.subarray(0, 5).toString("hex")).toBe("0c00000002");
  for (const text of ["external-proxy/inbound", "external-proxy", "sr", "ss", "cs", "cr"]) {
    expect(body.includes(text), text).toBe(true);
  }
  expect(lines.join("\n")).not.toContain("secret-token");
});

test("a collector that refuses changes no answer, and its token stays out of the log", async () => {
  const { curl, lines } = await startBetween(400, "/secret-token/api/v1/spans");
  expect(await curl()).toEqual({ status: 200, text: "OK" });
  expect(lines.join("\n")).toContain("answered 400");
  expect(lines.join("\n")).not.toContain("secret-token");
});

test.each([
  ["v1-json", "/api/v1/spans", "application/json"],
  ["v2-json", "/api/v2/spans", "application/json"],
])("ZIPKIN_ENCODING=%s", async (encoding, path, contentType) => {
  const { curl, reports } = await startBetween(202, path, { ZIPKIN_ENCODING: encoding });
  await curl();
  const [report] = reports;
  expect([report?.url, report?.contentType]).toEqual([path, contentType]);
  const spans: { name: string; parentId?: string; id: string }[] = JSON.parse(String(report?.body));
  const root = spans.find(({ parentId }) => parentId === undefined);
  expect(root?.name.toLowerCase()).toBe("external-proxy/inbound");
  expect(spans.find(({ parentId }) => parentId !== undefined)?.parentId).toBe(root?.id);
});

test("an unknown encoding stops the start", async () => {
  const starting = startService(service, {
    env: { PORT: "0", ZIPKIN_ENCODING: "xml" },
    log: () => {},
  });
  await expect(starting).rejects.toThrow(
    'ZIPKIN_ENCODING "xml" is not one of v1-thrift, v1-json, v2-json',
  );
});
