import { fakeParts, hostIdentity } from "@tracemesh/service-kit";
import request from "supertest";
import { expect, test } from "vitest";
import { createApp, service } from "./app.ts";

/** An egress listener that answers with `status`, and the addresses it was asked for. */
function egress(status: number): { asked: string[]; fetch: typeof fetch } {
  const asked: string[] = [];
  return {
    asked,
    fetch: (input) => {
      asked.push(String(input));
      return Promise.resolve(new Response("answer", { status }));
    },
  };
}

test("calls service 2 through the egress listener, then answers", async () => {
  const { asked, fetch } = egress(200);
  const response = await request(await createApp(fakeParts({ fetch })))
    .get("/trace/1")
    .expect(200);
  const { hostname, address } = await hostIdentity();
  expect(response.text).toBe(
    `Hello from behind Envoy (service 1)! hostname: ${hostname} resolvedhostname: ${address}\n`,
  );
  expect(response.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(asked).toEqual(["http://localhost:9000/trace/2"]);
});

test("EGRESS_URL says where the egress listener is", async () => {
  const { asked, fetch } = egress(200);
  const env = { EGRESS_URL: "http://localhost:19000/" };
  await request(await createApp(fakeParts({ fetch, env })))
    .get("/trace/1")
    .expect(200);
  expect(asked).toEqual(["http://localhost:19000/trace/2"]);
});

test("an EGRESS_URL that is none stops the start", async () => {
  const env = { EGRESS_URL: "localhost" };
  await expect(createApp(fakeParts({ env }))).rejects.toThrow(
    'EGRESS_URL "localhost" is not an http or https URL, such as http://localhost:9000',
  );
});

test("a failing service 2 is 502", async () => {
  const { fetch } = egress(503);
  const app = await createApp(fakeParts({ fetch }));
  const response = await request(app).get("/trace/1").expect(502);
  expect(response.text).toBe("the call to http://localhost:9000/trace/2 was answered 503\n");
});

test("an unknown service number is 404", async () => {
  await request(await createApp(fakeParts()))
    .get("/trace/3")
    .expect(404);
});

test("listens on 8081 unless told otherwise", () => {
  expect(service.defaults["PORT"]).toBe("8081");
});
