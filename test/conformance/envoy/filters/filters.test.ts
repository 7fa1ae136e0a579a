/** csrf and local_ratelimit, the real Envoy and ours side by side: the same answers and the same counters. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePorts } from "@tracemesh/cli";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { type ProxyCommand, type ProxyProcess, startProxy } from "../rig/proxy-process.ts";

const minute = 60_000;
const types = "type.googleapis.com/envoy";
const filterTypes = `${types}.extensions.filters.http`;

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Side {
  ask(what: Ask): Promise<object>;
  /** Lines of /stats with the text in their name. */
  stats(text: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

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

function bootstrap(listener: number, admin: number, upstream: number): object {
  const address = (port_value: number) => ({
    socket_address: { address: "127.0.0.1", port_value },
  });
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
  const manager = {
    "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "test",
    // Ids would differ.
    generate_request_id: false,
    route_config: { name: "all", virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
    http_filters: [
      { name: csrfName, typed_config: csrf({ filter_enabled: share(0) }) },
      { name: rateLimitName, typed_config: rateLimit({ filter_enabled: undefined }) },
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${filterTypes}.router.v3.Router` },
      },
    ],
  };
  return {
    node: { id: "test", cluster: "test" },
    admin: { address: address(admin) },
    static_resources: {
      listeners: [
        {
          name: "main",
          address: address(listener),
          filter_chains: [
            {
              filters: [
                { name: "envoy.filters.network.http_connection_manager", typed_config: manager },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: "service",
          type: "STATIC",
          connect_timeout: "1s",
          load_assignment: {
            cluster_name: "service",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }],
          },
        },
      ],
    },
  };
}

async function start(command: ProxyCommand, folder: string, upstream: number): Promise<Side> {
  const [listener = 0, admin = 0] = await findFreePorts(2);
  const config = join(folder, `${listener}.json`);
  writeFileSync(config, JSON.stringify(bootstrap(listener, admin, upstream)));
  const proxy: ProxyProcess = startProxy(command(config, []));
  await proxy.listening(listener, 20_000);
  return {
    ask: (what) => ask(listener, what),
    stats: async (text) => {
      const response = await fetch(`http://127.0.0.1:${admin}/stats`);
      return (await response.text()).split("\n").filter((line) => line.includes(text));
    },
    stop: () => proxy.stop(2_000),
  };
}

/** Status, header lines in order but for those that time makes, and body. */
function ask(port: number, { method = "GET", path = "/", headers = {} }: Ask): Promise<object> {
  const { promise, resolve, reject } = Promise.withResolvers<object>();
  request(
    { port, host: "127.0.0.1", path, method, headers: { host: "shop.example:81", ...headers } },
    (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.once("end", () => {
        const volatile = new Set(["date", "x-envoy-upstream-service-time"]);
        const raw = response.rawHeaders;
        const lines = raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ""]] : []));
        resolve({
          status: response.statusCode,
          headers: lines.map(([name = "", value]) => [name, volatile.has(name) ? "there" : value]),
          body,
        });
      });
    },
  )
    .once("error", reject)
    .end();
  return promise;
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
  let upstream: Server;
  let folder: string;
  let real: Side;
  let ours: Side;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tracemesh-filters-"));
    upstream = createServer((incoming, response) => {
      response.setHeader("x-over", incoming.headers["x-over"] ?? "no").end("ok");
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const { port } = upstream.address() as AddressInfo;
    [real, ours] = await Promise.all([
      start(realEnvoy(), folder, port),
      start(ourProxy, folder, port),
    ]);
  }, 3 * minute);
  afterAll(async () => {
    await Promise.all([real?.stop(), ours?.stop()]);
    upstream?.close();
    rmSync(folder, { recursive: true, force: true });
  });

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
