import { fakeParts } from "@tracemesh/service-kit";
import request from "supertest";
import { beforeEach, expect, test } from "vitest";
import { createApp } from "./app.ts";

let app: ReturnType<typeof createApp>;
beforeEach(() => {
  app = createApp(fakeParts());
});

test("the stars of the first book", async () => {
  const { body } = await request(app).get("/ratings/0");
  expect(body).toEqual({ id: 0, ratings: { Reviewer1: 5, Reviewer2: 4 } });
});

test("a product nobody rated has none", async () => {
  const { body } = await request(app).get("/ratings/9");
  expect(body).toEqual({ id: 9, ratings: {} });
});

test("posted ratings replace what was there", async () => {
  const posted = await request(app).post("/ratings/0").send({ Reviewer1: 1 });
  expect(posted.body).toEqual({ id: 0, ratings: { Reviewer1: 1 } });
  const read = await request(app).get("/ratings/0");
  expect(read.body).toEqual({ id: 0, ratings: { Reviewer1: 1 } });
});

test.each([
  [{ Reviewer1: 6 }],
  [{ Reviewer1: 0 }],
  [{ Reviewer1: "5" }],
  [[5]],
  [{ Reviewer1: 4.5 }],
])("ratings that are none are refused and change nothing: %j", async (ratings) => {
  const { status, body } = await request(app).post("/ratings/0").send(ratings);
  expect(status).toBe(400);
  expect(body.error).toContain("1 to 5 stars");
  expect((await request(app).get("/ratings/0")).body.ratings).toEqual({
    Reviewer1: 5,
    Reviewer2: 4,
  });
});

test("a body that is not JSON is a 400", async () => {
  const { status } = await request(app).post("/ratings/0").type("json").send("{nonsense");
  expect(status).toBe(400);
});

test("an id that is not a number is a 400", async () => {
  const { status, body } = await request(app).get("/ratings/x");
  expect([status, body]).toEqual([400, { error: "please provide numeric product ID" }]);
});

test("an unknown version is a start-up error that says what is allowed", () => {
  expect(() => createApp(fakeParts({ env: { SERVICE_VERSION: "v-funny" } }))).toThrow(
    'SERVICE_VERSION is "v-funny": allowed are v1, v-faulty, v-delayed, v-unavailable, v-unhealthy',
  );
});
