/** Random exchanges: a request towards what the configurations name, and what the upstream makes of it. */
import fc from "fast-check";
import type { CaseRequest, HeaderLines, UpstreamAction } from "../../rig/recorded-case.ts";
import { prefixes } from "./configuration.ts";
import { requestNames, responseNames, trailerNames } from "./formats.ts";

export interface Exchange {
  readonly request: CaseRequest;
  readonly action: UpstreamAction;
}

const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "one",
      "two",
      "",
      "0",
      "a b",
      "a,b",
      "=;%20%",
      "longer than eight bytes",
      '{"a":1}',
      "\\",
      "'",
    ),
  },
  fc.constantFrom("\u00e9", "caf\u00c3\u00a9", "\u00ff\u00fe", "tab\there", "\u0080", "\u00e2\u0082\u00ac", "\u00f0\u009f\u0098\u0080x"), // biome-ignore format: bytes
  fc.constant("v".repeat(700)),
);

const lines = (names: readonly string[], maxLength: number) =>
  fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength });

const query = fc.constantFrom(
  "", "?", "?q=1", "?q=a%20b&r=2", "?q=1&q=2", "?r", "?a%20b=3", "?a+b=4", "?q=%zz", "?q=%C3%A9", "?q=a+b", "?=x", "?q==&&r=", "?q=%E9", `?q=${"l".repeat(400)}`,
); // biome-ignore format: a table

const request: fc.Arbitrary<CaseRequest> = fc
  .record({
    method: fc.constantFrom("GET", "GET", "POST", "HEAD", "PUT"),
    prefix: fc.constantFrom(...prefixes, "/healthy", "/nowhere"),
    rest: fc.constantFrom("", "/", "/deep/er", "/%7Ea%20b", `/${"p".repeat(300)}`),
    query,
    host: fc.constantFrom("all.test", "all.test", "odd.test", "Odd.Test:8080"),
    headers: lines(
      [
        ...requestNames,
        "x-new",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-envoy-force-trace",
      ].filter((name) => name !== "x-request-id"),
      6,
    ),
    requestId: fc.uuid(),
    isGrpc: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
    isHttp2: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
    body: fc.option(fc.constantFrom("", "body", "b".repeat(3_000)), { nil: undefined }),
  })
  .map((drawn) => {
    const { method, isGrpc, isHttp2, body, prefix, rest } = drawn;
    const path = prefix === "/healthy" ? prefix : prefix + rest;
    const headers: [string, string][] = [
      ["host", drawn.host],
      ["x-request-id", drawn.requestId],
      ...(isGrpc ? [["content-type", "application/grpc"] as [string, string]] : []),
      ...drawn.headers.filter(([name]) => !(isGrpc && name === "content-type")),
    ];
    return {
      method,
      path: path + drawn.query,
      headers: isHttp2 ? oneLineEach(headers) : headers,
      ...(body !== undefined && method !== "HEAD" && method !== "GET" && { body }),
      ...(isHttp2 && { proto: "h2" as const }),
    };
  });

/** The client's HTTP/2 takes some names once only. */
function oneLineEach(headers: readonly [string, string][]): [string, string][] {
  return headers.filter(
    ([name], at) => headers.findIndex(([other]) => other === name) === at && name !== "te",
  );
}

const answer: fc.Arbitrary<UpstreamAction> = fc
  .record({
    status: fc.constantFrom(200, 200, 204, 304, 404, 500, 503, 299),
    headers: lines(
      [...responseNames.filter((name) => name !== "grpc-status"), "x-new", "date", "x-request-id"],
      5,
    ),
    grpcStatus: fc.constantFrom(undefined, undefined, "0", "5", "14", "99", "x", "-1", ""),
    inTrailers: fc.boolean(),
    body: fc.constantFrom("", "hello", "r".repeat(2_000)),
    trailers: fc.option(lines(trailerNames, 3), { nil: undefined }),
  })
  .map(({ status, headers, grpcStatus, inTrailers, body, trailers }) => {
    const own: [string, string][] = grpcStatus === undefined ? [] : [["grpc-status", grpcStatus]];
    const hasTrailers = trailers !== undefined && status !== 204 && status !== 304;
    const all: HeaderLines = inTrailers && hasTrailers ? headers : [...headers, ...own];
    return {
      status,
      headers: all,
      body,
      ...(hasTrailers && {
        trailers: onlyOnce([...trailers, ...(inTrailers ? own : [])]),
        chunked: true,
      }),
    };
  });

function onlyOnce(headers: readonly [string, string][]): [string, string][] {
  return headers.filter(([name], at) => headers.findIndex(([other]) => other === name) === at);
}

const action: fc.Arbitrary<UpstreamAction> = fc.oneof(
  { weight: 12, arbitrary: answer },
  fc.constantFrom<UpstreamAction>({ close: true }, { reset: true, rst: 2 }, { raw: "garbage\r\n\r\n", rst: 1 }, { midBodyClose: true, declaredLength: 100, cutInBody: true }), // biome-ignore format: a list
);

export const exchanges: fc.Arbitrary<Exchange> = fc.record({ request, action });
