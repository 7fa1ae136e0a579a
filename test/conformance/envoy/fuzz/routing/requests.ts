/** Requests that aim at a configuration: its hosts, paths and header values, and what is one character beside them. */
import fc from "fast-check";
import type { CaseRequest, UpstreamAction } from "../../rig/recorded-case.ts";
import { retryOn } from "./actions.ts";
import { type Json, oneIn, sometimes } from "./drawing.ts";
import {
  clusterNames,
  deadClusters,
  headerName,
  headerValue,
  hosts,
  paths,
  queryName,
} from "./vocabulary.ts";

/** A request, and what the services do with its tries; the last of the list repeats. */
export interface Exchange {
  readonly request: CaseRequest;
  readonly upstream: readonly UpstreamAction[];
}

/** Strings of the configuration by the field they stand in. */
export function textsUnder(value: Json | undefined, field: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => textsUnder(item, field));
  return Object.entries(value).flatMap(([key, item]) => {
    if (key !== field) return textsUnder(item, field);
    return [item].flat().filter((one) => typeof one === "string");
  });
}

export function exchangesFor(configuration: Json): fc.Arbitrary<Exchange> {
  const wanted = textsUnder(configuration, "domains").filter((domain) => domain !== "*");
  const ownHosts = wanted.map((domain) => domain.replace("*", "any"));
  const host = fc.constantFrom(...hosts, ...ownHosts, ...ownHosts);
  const ownPaths = ["prefix", "path", "path_separated_prefix"]
    .flatMap((field) => textsUnder(configuration, field))
    .filter((text) => text.startsWith("/"));
  const path = fc.constantFrom(...paths, ...ownPaths, ...ownPaths);
  return fc
    .record({
      method,
      target: target(path, host),
      host: oneIn(2, host),
      headers: fc.array(header, { maxLength: 4 }),
      body: oneIn(5, fc.constantFrom("", "x", "body!", "x".repeat(200))),
      version: oneIn(20, fc.constantFrom("HTTP/1.0", "HTTP/1.1")),
      upstream: fc.oneof(
        { weight: 3, arbitrary: fc.constant([{}]) },
        fc.array(upstreamAction, { minLength: 1, maxLength: 3 }),
      ),
    })
    .map(({ method: verb, target: aim, host: name, headers, body, version, upstream }) => ({
      upstream,
      request: {
        method: verb,
        // Only a host with its port is a target there; anything else is a refused request.
        path: verb === "CONNECT" && aim.startsWith("/") ? "shop.test:80" : aim,
        headers: onlyOne([["host", name ?? "shop.test"], ...headers.flat()]),
        ...(body !== undefined && { body }),
        ...(version !== undefined && { version }),
      },
    }));
}

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant("GET") },
  fc.constantFrom("POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT"),
);

function target(path: fc.Arbitrary<string>, host: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const query = fc.oneof(
    { weight: 4, arbitrary: fc.constant("") },
    fc.constantFrom(
      "?",
      "?&&",
      "?q",
      "?q=",
      "?=x",
      "?q=blue&q=green",
      "?a?b",
      "?x=/../y",
      "?q%5B%5D=1",
    ),
    fc.tuple(queryName, headerValue).map(([name, value]) => `?${name}=${value}`),
    fc.tuple(queryName, headerValue).map(([name, value]) => `?other&${name}=${value}&z=1`),
  );
  const origin = fc
    .tuple(fc.oneof({ weight: 3, arbitrary: path }, path.chain(beside)), query)
    .map(([own, rest]) => own + rest);
  return fc.oneof(
    { weight: 20, arbitrary: origin },
    fc
      .tuple(fc.constantFrom("http", "HTTP", "https"), host, origin)
      .map(([scheme, name, rest]) => `${scheme}://${name}${rest}`),
    fc.tuple(path, query).map(([own, rest]) => `${own}${rest}#part`),
    fc.constantFrom(
      "*",
      "shop.test:80",
      "http://shop.test",
      "http://shop.test?q=1",
      "api",
      "",
      "//shop.test/api",
      `/${"long/".repeat(300)}`,
    ),
  );
}

/** One change away from the path. */
function beside(path: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    `${path}/`,
    path.toUpperCase(),
    `${path}x`,
    `${path};p=1`,
    `/${path}`,
    `/x/..${path}`,
    `/.${path}`,
    `${path}/.`,
    `${path}/..`,
    `${path}//b`,
    `${path}/%2e%2e/b`,
    path.replace("/", "/%2F"),
    path.replaceAll("/", "\\"),
    `${path}%5C`,
    path.replace("a", "%61"),
    `${path}/items`,
    `${path}%`,
    `${path}%00`,
    `${path}\u00e9`,
    `${path}/1`,
    `${path}|"<>`,
    path.slice(0, -1),
  );
}

type Lines = readonly (readonly [string, string])[];

const one = (name: string, ...values: readonly string[]): fc.Arbitrary<Lines> =>
  fc.constantFrom(...values).map((value) => [[name, value]]);

const asked: fc.Arbitrary<Lines> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(headerName, headerValue).map((line) => [line]) },
  fc.tuple(headerName, headerValue, headerValue).map(
    ([name, a, b]): Lines => [
      [name, a],
      [name, b],
    ],
  ),
  fc.constantFrom<Lines>(
    [["x-num", "41"]],
    [["x-num", "42"]],
    [["x-num", " 7 "]],
    [["x-num", "+3"]],
    [["x-num", "9x"]],
    [["x-num", "99999999999999999999"]],
    [["X-Kind", "blue"]],
    [["x_kind", "blue"]],
    [["x-kind", "blue, green"]],
  ),
);

const steering: fc.Arbitrary<Lines> = fc.oneof(
  retryOn.map((value): Lines => [["x-envoy-retry-on", value]]),
  one("x-envoy-retry-grpc-on", "unavailable", "internal,cancelled", "x"),
  one("x-envoy-max-retries", "0", "2", "-1", "x", ""),
  one("x-envoy-upstream-rq-timeout-ms", "0", "60", "3000", "x", "-5", ""),
  one("x-envoy-upstream-rq-per-try-timeout-ms", "0", "30", "5000", "x"),
  one("x-envoy-expected-rq-timeout-ms", "100", "4000", "x"),
  one("x-envoy-upstream-alt-stat-name", "canary", ""),
  one("x-envoy-retriable-status-codes", "404", "404,503", " 418 ", "x,503"),
  one("x-envoy-retriable-header-names", "x-seen", "x-seen,x-other"),
  one("x-envoy-hedge-on-per-try-timeout", "true", "false"),
  one("x-envoy-upstream-rq-timeout-alt-response", "1"),
  one("x-envoy-internal", "true", "false"),
  one("x-envoy-original-path", "/mine"),
  one("x-envoy-attempt-count", "7"),
  one("x-envoy-is-timeout-retry", "true"),
  one("grpc-timeout", "1S", "50m", "x", "1H"),
);

const forwarded: fc.Arbitrary<Lines> = fc.oneof(
  one(
    "x-forwarded-for",
    "10.0.0.1",
    "8.8.8.8",
    "10.0.0.1, 8.8.8.8",
    "8.8.8.8,10.0.0.1 , 10.0.0.2",
    "x",
    "",
  ),
  one("x-forwarded-proto", "https", "http", "HTTPS", "ftp", ""),
  one("x-forwarded-host", "before.test", ""),
  one("x-forwarded-port", "444"),
  one("x-request-id", "ef7a5ad2-0000-4000-8000-000000000000", "mine"),
  one("via", "1.0 before"),
  one("server", "not-a-server"),
);

const fault: fc.Arbitrary<Lines> = fc.oneof(
  one("x-envoy-fault-abort-request", "418", "503", "199", "600", "x", ""),
  one("x-envoy-fault-abort-request-percentage", "0", "100", "x", "200"),
  one("x-envoy-fault-abort-grpc-request", "5", "14", "99", "x"),
  one("x-envoy-fault-delay-request", "0", "3", "x", "-1"),
  one("x-envoy-fault-delay-request-percentage", "0", "100"),
  one("x-envoy-downstream-service-node", "node-a", "node-c"),
);

const general: fc.Arbitrary<Lines> = fc.oneof(
  one("x-cluster", ...clusterNames, ...deadClusters, "none", ""),
  one(
    "content-type",
    "application/grpc",
    "application/grpc+proto",
    "application/grpcx",
    "text/plain",
  ),
  one("user-agent", "", "agent/1"),
  one("origin", "https://shop.test", "https://www.shop.test", "https://other.test", "blue", ""),
  one("access-control-request-method", "GET", ""),
  one("access-control-request-private-network", "true"),
  one("cookie", "a=1", "a=1; b=2"),
  one("te", "trailers", "gzip"),
  one("connection", "close", "keep-alive", "x-kind", "te"),
  one("expect", "100-continue"),
  one("upgrade", "websocket"),
  fc.constantFrom("websocket", "WebSocket", "other").map(
    (type): Lines => [
      ["connection", "upgrade"],
      ["upgrade", type],
    ],
  ),
  one("range", "bytes=0-1"),
  one("x-long", "x".repeat(900), "x".repeat(3_000)),
  fc.constant(Array.from({ length: 12 }, (_, at) => [`x-more-${at}`, "1"] as const)),
);

const header: fc.Arbitrary<Lines> = fc.oneof(
  { weight: 3, arbitrary: asked },
  { weight: 2, arbitrary: steering },
  { weight: 1, arbitrary: forwarded },
  { weight: 1, arbitrary: fault },
  { weight: 2, arbitrary: general },
);

/** Two Host lines are a refused request, which the corpus of the HTTP/1 codec covers. */
function onlyOne(lines: Lines): Lines {
  const single = new Set(["host", "expect", "upgrade"]);
  return lines.filter(
    ([name], at) => !single.has(name) || lines.findIndex(([other]) => other === name) === at,
  );
}

const upstreamAction: fc.Arbitrary<UpstreamAction> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(200, 201, 204, 304, 404, 409, 418, 429, 500, 502, 503, 504, 599),
      sometimes(
        fc.constantFrom<Lines>(
          [["x-seen", "1"]],
          [["x-envoy-ratelimited", "true"]],
          [["x-kind", "blue"]],
          [["server", "upstream/1"]],
          [["location", "http://shop.test/api"]],
          [["x-envoy-upstream-service-time", "7"]],
          [["x-envoy-decorator-operation", "theirs"]],
          [["x-envoy-overloaded", "true"]],
          [["x-envoy-attempt-count", "9"]],
          [["via", "1.1 upstream"]],
          [
            ["access-control-allow-origin", "*"],
            ["access-control-expose-headers", "x-b"],
          ],
          [["x-request-id", "theirs"]],
          [["date", "Mon, 01 Jan 2024 00:00:00 GMT"]],
        ),
      ),
      fc.constantFrom("hello", ""),
    )
    .map(([status, headers, body]) => ({
      status,
      body,
      ...(headers !== undefined && { headers }),
    })),
  fc.constantFrom("0", "5", "14", "13").map(
    (status): UpstreamAction => ({
      headers: [
        ["content-type", "application/grpc"],
        ["grpc-status", status],
      ],
      body: "",
    }),
  ),
  fc.constantFrom<UpstreamAction>({ close: true }, { reset: true }),
  fc.constantFrom<UpstreamAction>(
    { status: 200, chunked: true, body: "chunk" },
    { status: 503, chunked: true, body: "chunk", trailers: [["x-trailer", "1"]] },
    { bodySize: 100_000 },
    { noReply: true },
    {
      raw: "HTTP/1.1 103 Early\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    },
    {
      raw: "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    },
    { raw: "not http at all\r\n\r\n" },
  ),
);
