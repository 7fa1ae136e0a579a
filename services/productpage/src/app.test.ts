import { fakeParts } from "@tracemesh/service-kit";
import request from "supertest";
import { expect, test } from "vitest";
import { createApp } from "./app.ts";

interface Call {
  readonly url: string;
  readonly user: string | null;
}

const details = {
  id: 0,
  type: "paperback",
  pages: 200,
  publisher: "PublisherA",
  language: "English",
  "ISBN-10": "1",
  "ISBN-13": "2",
};
const reviews = {
  id: "0",
  podname: "reviews-v3",
  reviews: [{ reviewer: "Reviewer1", text: "Good.", rating: { stars: 4, color: "red" } }],
};

function page(answers: { details?: () => Response; reviews?: () => Response } = {}) {
  const calls: Call[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = String(input);
    calls.push({ url, user: new Headers(init?.headers).get("end-user") });
    if (url.includes("/details/")) return answers.details?.() ?? Response.json(details);
    if (url.includes("/reviews/")) return answers.reviews?.() ?? Response.json(reviews);
    return Response.json({ id: 0, ratings: { Reviewer1: 5 } });
  };
  return { app: createApp(fakeParts({ fetch, env: { SESSION_SECRET: "test" } })), calls };
}

async function sessionOf(app: ReturnType<typeof page>["app"], username: string): Promise<string> {
  const { headers } = await request(app).post("/login").type("form").send({ username });
  return String(headers["set-cookie"]).split(";")[0] as string;
}

test("the page shows details, reviews and who served them", async () => {
  const { app, calls } = page();
  const { status, text, headers } = await request(app).get("/productpage");
  expect(status).toBe(200);
  expect(headers["content-type"]).toContain("text/html");
  for (const part of [
    "The Comedy of Errors",
    "PublisherA",
    "Good.",
    "★★★★☆",
    "stars red",
    "reviews-v3",
  ]) {
    expect(text).toContain(part);
  }
  expect(calls.map(({ url }) => url)).toEqual([
    "http://details:9080/details/0",
    "http://reviews:9080/reviews/0",
  ]);
});

test("what a backend says is text, never markup", async () => {
  const hostile = '<script>alert("x")</script>';
  const { app } = page({
    reviews: () =>
      Response.json({
        podname: hostile,
        reviews: [{ reviewer: hostile, text: hostile, rating: { error: hostile } }],
      }),
    details: () => Response.json({ publisher: hostile }),
  });
  const { text } = await request(app).get("/productpage");
  expect(text).not.toContain("<script>");
  expect(text).toContain("&lt;script&gt;");
});

test("the page is there when both backends fail; reviews was tried twice", async () => {
  const fail = () => new Response("no", { status: 503 });
  const { app, calls } = page({ details: fail, reviews: fail });
  const { status, text } = await request(app).get("/productpage");
  expect(status).toBe(200);
  expect(text).toContain("Error fetching product details!");
  expect(text).toContain("Error fetching product reviews!");
  expect(calls.filter(({ url }) => url.includes("reviews"))).toHaveLength(2);
  expect(calls.filter(({ url }) => url.includes("details"))).toHaveLength(1);
});

test("end-user comes from the session and from nowhere else", async () => {
  const { app, calls } = page();
  const cookie = await sessionOf(app, "jason");
  await request(app).get("/productpage").set("cookie", cookie);
  await request(app).get("/productpage").set("end-user", "jason");
  await request(app).get("/productpage").set("cookie", "session=amFzb24.forged");
  expect(calls.map(({ user }) => user)).toEqual(["jason", "jason", null, null, null, null]);
});

test("login goes back to the page it came from, never to another site", async () => {
  const { app } = page();
  const login = (referer: string) =>
    request(app).post("/login").type("form").set("referer", referer).send({ username: "jason" });
  expect((await login("http://localhost:8080/index.html")).headers["location"]).toBe("/index.html");
  expect((await login("http://evil.example//other.example/x")).headers["location"]).toBe(
    "/productpage",
  );
  expect((await login("nonsense")).headers["location"]).toBe("/productpage");
});

test("logging out ends the session", async () => {
  const { app } = page();
  const { status, headers } = await request(app).get("/logout");
  expect(status).toBe(302);
  expect(String(headers["set-cookie"])).toContain("Max-Age=0");
});

test.each(["", "x".repeat(65)])("a user name of the wrong length is refused", async (username) => {
  const { status, text } = await request(page().app).post("/login").type("form").send({ username });
  expect([status, text]).toEqual([400, "username must have 1 to 64 characters\n"]);
});

test("the API lists the products and passes the backends' answers on", async () => {
  const { app } = page();
  expect((await request(app).get("/api/v1/products")).body[0].title).toBe("The Comedy of Errors");
  expect((await request(app).get("/api/v1/products/0")).body).toEqual(details);
  expect((await request(app).get("/api/v1/products/0/reviews")).body).toEqual(reviews);
  expect((await request(app).get("/api/v1/products/0/ratings")).body).toEqual({
    id: 0,
    ratings: { Reviewer1: 5 },
  });
});

test("the API passes a failure's status on", async () => {
  const { app } = page({ reviews: () => new Response("no", { status: 503 }) });
  const { status, body } = await request(app).get("/api/v1/products/0/reviews");
  expect([status, body]).toEqual([
    503,
    { error: "Sorry, product reviews are currently unavailable for this book." },
  ]);
});

test.each([
  ["abc", 400, 'product id "abc" is not a number'],
  ["7", 404, "no product has the id 7"],
])("the product %s is a %i", async (id, expected, error) => {
  const { status, body } = await request(page().app).get(`/api/v1/products/${id}`);
  expect([status, body]).toEqual([expected, { error }]);
});
