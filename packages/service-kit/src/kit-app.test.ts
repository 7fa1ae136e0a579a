import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { callUpstream, createKitApp } from "./kit-app.ts";
import { fakeParts } from "./parts-fake.ts";
import type { ServiceParts } from "./service.ts";

/** An app whose only route calls a service at http://next:1/x. */
function relayApp(overrides: Partial<ServiceParts>) {
  const parts = fakeParts(overrides);
  return createKitApp(parts, (app) => {
    app.get("/", async (_request, response) => {
      response.send(await callUpstream(parts.fetch, "http://next:1/x"));
    });
  });
}

test("health names the service", async () => {
  const app = createKitApp(fakeParts({ serviceName: "service1" }), () => {});
  const response = await request(app).get("/health").expect(200);
  expect(response.body).toEqual({ status: "UP", service: "service1" });
});

test("an unknown path is 404, as text", async () => {
  const app = createKitApp(fakeParts(), () => {});
  const response = await request(app).get("/trace/9").expect(404);
  expect(response.text).toBe("no such page\n");
});

test("an upstream that refuses is 502 and says why", async () => {
  const lines: string[] = [];
  const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "X" });
  const fetch = (): Promise<Response> => Promise.reject(new TypeError("fetch failed", { cause }));
  const app = relayApp({ fetch, log: (line) => lines.push(line) });
  const response = await request(app).get("/").expect(502);
  const message = "the call to http://next:1/x failed: connect ECONNREFUSED 127.0.0.1:1";
  expect(response.text).toBe(`${message}\n`);
  expect(response.type).toBe("text/plain");
  expect(lines).toEqual([`GET /: ${message}`]);
});

test("an upstream that answers 503 is 502", async () => {
  const fetch = (): Promise<Response> => Promise.resolve(new Response("no", { status: 503 }));
  const response = await request(relayApp({ fetch })).get("/").expect(502);
  expect(response.text).toBe("the call to http://next:1/x was answered 503\n");
});

test("an upstream that closes half-way is 502", async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("half"));
      controller.error(new TypeError("terminated", { cause: new Error("other side closed") }));
    },
  });
  const fetch = (): Promise<Response> => Promise.resolve(new Response(body));
  const response = await request(relayApp({ fetch })).get("/").expect(502);
  expect(response.text).toBe("the call to http://next:1/x failed: other side closed\n");
});

test("what a parser rejects keeps its status", async () => {
  const app = createKitApp(fakeParts(), (routes) => {
    routes.post("/", express.json(), (_request, response) => void response.send("ok"));
  });
  await request(app).post("/").set("content-type", "application/json").send("{").expect(400);
  await request(app).get("/%ff").expect(404);
});

test("an unexpected error is 500 without its text, which goes to the log", async () => {
  const lines: string[] = [];
  const app = createKitApp(fakeParts({ log: (line) => lines.push(line) }), (routes) => {
    routes.get("/", () => {
      throw new Error("secret");
    });
  });
  const response = await request(app).get("/").expect(500);
  expect(response.text).toBe("internal error\n");
  expect(lines.join()).toContain("GET /: Error: secret");
});
