import { fakeParts } from "@tracemesh/service-kit";
import request from "supertest";
import { expect, test } from "vitest";
import { createApp } from "./app.ts";

const ratings =
  (body: unknown, status = 200): typeof fetch =>
  async (input) => {
    expect(String(input)).toBe("http://ratings:9080/ratings/0");
    return Response.json(body, { status });
  };

async function get(
  env: Record<string, string>,
  fetch?: typeof globalThis.fetch,
  lines: string[] = [],
) {
  const parts = fakeParts({
    env: { POD_NAME: "reviews-pod", ...env },
    log: (line) => void lines.push(line),
    ...(fetch && { fetch }),
  });
  const { status, body } = await request(createApp(parts)).get("/reviews/0");
  expect(status).toBe(200);
  return body;
}

test("v1 shows no stars and asks nobody", async () => {
  expect(await get({})).toEqual({
    id: "0",
    podname: "reviews-pod",
    clustername: "",
    reviews: [
      { reviewer: "Reviewer1", text: expect.any(String) },
      { reviewer: "Reviewer2", text: expect.any(String) },
    ],
  });
});

test.each([
  ["v2", { ENABLE_RATINGS: "true" }, "black"],
  ["v3", { ENABLE_RATINGS: "true", STAR_COLOR: "red" }, "red"],
] as const)("%s shows %s stars", async (_version, env, color) => {
  const { reviews } = await get(env, ratings({ id: 0, ratings: { Reviewer1: 5, Reviewer2: 4 } }));
  expect(reviews.map((review: { rating: unknown }) => review.rating)).toEqual([
    { stars: 5, color },
    { stars: 4, color },
  ]);
});

test("a reviewer who gave no stars has no rating", async () => {
  const { reviews } = await get(
    { ENABLE_RATINGS: "true" },
    ratings({ id: 0, ratings: { Reviewer1: 5 } }),
  );
  expect(reviews[1]).not.toHaveProperty("rating");
});

test.each([
  ["answers 500", ratings({}, 500), "http://ratings:9080/ratings/0 answered 500"],
  [
    "is down",
    () =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") })),
    "fetch failed: connect ECONNREFUSED",
  ],
  ["answers no JSON", async () => new Response("oops"), "failed"],
] as const)(
  "reviews come without stars where ratings %s, and the log says why",
  async (_what, fetch, why) => {
    const lines: string[] = [];
    const { reviews } = await get({ ENABLE_RATINGS: "true" }, fetch, lines);
    expect(reviews[0].rating).toEqual({ error: "Ratings service is currently unavailable" });
    expect(lines.join("\n")).toContain(why);
  },
);

test("where ratings is, is told by the sample's variables", async () => {
  let asked = "";
  const fetch: typeof globalThis.fetch = async (input) => {
    asked = String(input);
    return Response.json({ ratings: {} });
  };
  await get(
    {
      ENABLE_RATINGS: "true",
      RATINGS_HOSTNAME: "stars",
      SERVICES_DOMAIN: "test",
      RATINGS_SERVICE_PORT: "80",
    },
    fetch,
  );
  expect(asked).toBe("http://stars.test:80/ratings/0");
});

test("an unknown colour is a start-up error", () => {
  expect(() => createApp(fakeParts({ env: { STAR_COLOR: "blue" } }))).toThrow(
    'STAR_COLOR "blue" is not one of black, red',
  );
});
