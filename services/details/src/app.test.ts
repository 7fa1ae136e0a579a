import { fakeParts } from "@tracemesh/service-kit";
import request from "supertest";
import { expect, test } from "vitest";
import { createApp } from "./app.ts";

const app = createApp(fakeParts());

test("a book in the JSON of the public sample, key for key", async () => {
  const { status, body } = await request(app).get("/details/0");
  expect(status).toBe(200);
  expect(body).toEqual({
    id: 0,
    author: "William Shakespeare",
    year: 1595,
    type: "paperback",
    pages: 200,
    publisher: "PublisherA",
    language: "English",
    "ISBN-10": "1234567890",
    "ISBN-13": "123-1234567890",
  });
});

test.each(["abc", "1.5", "-1", "99999999999999"])("the id %s is not a number: 400", async (id) => {
  const { status, body } = await request(app).get(`/details/${id}`);
  expect([status, body]).toEqual([400, { error: "please provide numeric product id" }]);
});

test("an unknown book is a 404 that says so", async () => {
  const { status, body } = await request(app).get("/details/7");
  expect([status, body]).toEqual([404, { error: "no book has the id 7" }]);
});

test("the health check answers in the sample's words", async () => {
  const { body } = await request(app).get("/health");
  expect(body).toEqual({ status: "Details is healthy" });
});
