/** csrf and local_ratelimit, the real Envoy and ours side by side: the same answers and the same counters. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { router, routesOfAll } from "../rig/configuration-parts.ts";
import { filterTypes, type Side, type Sides, startSides } from "./side-by-side.ts";

const minute = 60_000;

const share = (numerator: number) => ({ default_value: { numerator, denominator: "HUNDRED" } });
const csrf = (fields: object) => ({ "@type": `${filterTypes}.csrf.v3.CsrfPolicy`, ...fields });
const rateLimit = (fields: object) => ({
  "@type": `${filterTypes}.local_ratelimit.v3.LocalRateLimit`,
  stat_prefix: "limit",
  filter_enabled: share(100),
  filter_enforced: share(100),
  // An hour: no token comes back while the test runs.
  token_bucket: { max_tokens: 2, fill_interval: "3600s" },
  ...fields,
});
const header = (key: string, value: string, append_action?: string) => ({
  header: { key, value },
  ...(append_action === undefined ? {} : { append_action }),
});

const csrfName = "envoy.filters.http.csrf";
const rateLimitName = "envoy.filters.http.local_ratelimit";
const route = (prefix: string, filter: string, config: object) => ({
  match: { prefix },
  route: { cluster: "service" },
  typed_per_filter_config: { [filter]: config },
});

function manager(): object {
  const routes = [
    route("/csrf/disabled", csrfName, csrf({ filter_enabled: share(0) })),
    route("/csrf/shadow", csrfName, csrf({ filter_enabled: share(0), shadow_enabled: share(100) })),
    route(
      "/csrf/friends",
      csrfName,
      csrf({
        filter_enabled: share(100),
        additional_origins: [{ exact: "friend.example:81" }, { suffix: ".friends.example" }],
      }),
    ),
    route("/csrf", csrfName, csrf({ filter_enabled: share(100) })),
    route(
      "/limit/headers",
      rateLimitName,
      rateLimit({
        status: { code: "ServiceUnavailable" },
        response_headers_to_add: [
          header("x-limited", "%REQ(:PATH)%"),
          header("server", "limiter", "OVERWRITE_IF_EXISTS_OR_ADD"),
        ],
      }),
    ),
    route("/limit/low-status", rateLimitName, rateLimit({ status: { code: "OK" } })),
    route(
      "/limit/shadow",
      rateLimitName,
      rateLimit({
        stat_prefix: "shadow",
        filter_enforced: share(0),
        request_headers_to_add_when_not_enforced: [header("x-over", "yes")],
      }),
    ),
    route(
      "/limit/unnoticed",
      rateLimitName,
      rateLimit({ stat_prefix: "unnoticed", filter_enforced: undefined }),
    ),
    route(
      "/limit/exhausted",
      rateLimitName,
      rateLimit({ rate_limited_as_resource_exhausted: true }),
    ),
    route("/limit", rateLimitName, rateLimit({})),
    { match: { prefix: "/" }, route: { cluster: "service" } },
  ];
  return {
    route_config: routesOfAll(routes),
    http_filters: [
      { name: csrfName, typed_config: csrf({ filter_enabled: share(0) }) },
      { name: rateLimitName, typed_config: rateLimit({ filter_enabled: undefined }) },
      router(),
    ],
  };
}

const origins: readonly (readonly [name: string, headers: Readonly<Record<string, string>>])[] = [
  ["no origin", {}],
  ["the same host", { origin: "http://shop.example:81" }],
  ["another scheme", { origin: "ftp://shop.example:81" }],
  ["another host", { origin: "http://evil.example" }],
  ["another port", { origin: "http://shop.example" }],
  ["another case", { origin: "http://SHOP.example:81" }],
  ["no scheme", { origin: "shop.example:81" }],
  ["a user", { origin: "http://a:b@shop.example:81" }],
  ["a path and a query", { origin: "http://shop.example:81/x?y" }],
  ["a query at once", { origin: "http://shop.example:81?y" }],
  ["a fragment at once", { origin: "http://shop.example:81#y" }],
  ["blanks", { origin: "http://shop.example:81/x y" }],
  ["nothing behind the scheme", { origin: "http://" }],
  ["an opaque origin", { origin: "null", referer: "http://shop.example:81/" }],
  ["an empty origin and a referer", { origin: "", referer: "http://shop.example:81/" }],
  ["a referer", { referer: "http://shop.example:81/basket" }],
  ["a foreign referer", { referer: "http://evil.example/" }],
  ["a friend", { origin: "http://friend.example:81" }],
  ["a friend's relation", { origin: "https://a.friends.example" }],
];

describe("real Envoy and ours", () => {
  let sides: Sides;
  let real: Side;
  let ours: Side;
  beforeAll(async () => {
    sides = await startSides(manager(), (incoming, response) => {
      response.setHeader("x-over", incoming.headers["x-over"] ?? "no").end("ok");
    });
    ({ real, ours } = sides);
  }, 3 * minute);
  afterAll(() => sides?.stop());

  test.each(origins)("csrf: %s", async (_name, headers) => {
    for (const path of ["/csrf", "/csrf/friends", "/csrf/shadow", "/csrf/disabled"]) {
      for (const method of ["POST", "GET"]) {
        const what = { method, path, headers };
        expect(await ours.ask(what), `${method} ${path}`).toEqual(await real.ask(what));
      }
    }
  });

  test.each(["PUT", "PATCH", "DELETE", "OPTIONS"])("csrf: %s", async (method) => {
    const what = { method, path: "/csrf", headers: { origin: "http://evil.example" } };
    expect(await ours.ask(what)).toEqual(await real.ask(what));
  });

  test("csrf: the same counters, and they have counted", async () => {
    const counted = await ours.stats(".csrf.");
    expect(counted).toEqual(await real.stats(".csrf."));
    expect(counted.every((line) => Number(line.split(": ")[1]) > 0)).toBe(true);
  });

  test.each([
    "/limit",
    "/limit/headers",
    "/limit/low-status",
    "/limit/shadow",
    "/limit/unnoticed",
    "/limit/exhausted",
    "/",
  ])("local_ratelimit: four requests to %s", async (path) => {
    for (let i = 0; i < 4; i++) expect(await ours.ask({ path })).toEqual(await real.ask({ path }));
    const grpc = { path, headers: { "content-type": "application/grpc" } };
    expect(await ours.ask(grpc)).toEqual(await real.ask(grpc));
  });

  test("local_ratelimit: the same counters", async () => {
    const counted = await ours.stats(".http_local_rate_limit.");
    expect(counted).toEqual(await real.stats(".http_local_rate_limit."));
    expect(counted).toContain("shadow.http_local_rate_limit.rate_limited: 3");
  });
});
