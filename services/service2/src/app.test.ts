import { fakeParts, hostIdentity } from "@tracemesh/service-kit";
import request from "supertest";
import { expect, test } from "vitest";
import { createApp } from "./app.ts";

test("answers and calls nobody", async () => {
  const response = await request(await createApp(fakeParts()))
    .get("/trace/2")
    .expect(200);
  const { hostname, address } = await hostIdentity();
  expect(response.text).toBe(
    `Hello from behind Envoy (service 2)! hostname: ${hostname} resolvedhostname: ${address}\n`,
  );
  expect(response.headers["content-type"]).toBe("text/html; charset=utf-8");
});

test("an unknown service number is 404", async () => {
  await request(await createApp(fakeParts()))
    .get("/trace/1")
    .expect(404);
});
