import fc from "fast-check";
import * as asked from "./query-values.ts";
import type { Request } from "./servers.ts";
import * as values from "./span-values.ts";
import { resolve, type World } from "./world.ts";

/** A question; marks in its texts as in world.ts. */
export interface Query {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
  readonly headers: Readonly<Record<string, string>>;
}

export function writeQuery({ method, path, parameters, headers }: Query, world: World): Request {
  const query = parameters
    .map(([name, value]) => {
      if (value === undefined) return name;
      return `${name}=${value.startsWith("%raw:") ? value.slice(5) : encode(value)}`;
    })
    .join("&");
  const target = resolve(query === "" ? path : `${path}?${query}`, world);
  return { method, path: target, headers };
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const get = (
  path: string,
  parameters: Query["parameters"] = [],
  headers: Query["headers"] = {},
): Query => ({ method: "GET", path, parameters, headers });

/** What is asked in every world after everything was posted. */
export const observations: readonly Query[] = [
  ..."123"
    .split("")
    .flatMap((n) => [
      get(`/api/v2/trace/~w0000000${n}`),
      ...["000000000000000a", "000000000000000b", "ffffffffffffffff"].map((high) =>
        get(`/api/v2/trace/${high}~w0000000${n}`),
      ),
    ]),
  ...["10000000~w", "70000000~w", "90000000~w", "f0000000~w"].map((id) =>
    get(`/api/v2/trace/${id}`),
  ),
  get("/metrics"),
  get("/api/v2/services"),
  get("/api/v2/autocompleteKeys"),
  ...["env", "region"].map((key) => get("/api/v2/autocompleteValues", [["key", key]])),
  ...["a-~w", "b-~w", "c-~w", "front-~w"].flatMap((name) => [
    get("/api/v2/spans", [["serviceName", name]]),
    get("/api/v2/remoteServices", [["serviceName", name]]),
    get("/api/v2/traces", [
      ["serviceName", name],
      ["endTs", "~m59999~"],
      ["lookback", "59999"],
    ]),
  ]),
  get("/api/v2/traces", [
    ["endTs", "~m59999~"],
    ["lookback", "59999"],
    ["limit", "100"],
  ]),
  get("/api/v2/dependencies", [
    ["endTs", "~m59999~"],
    ["lookback", "59999"],
  ]),
];

type Parameter = readonly [name: string, value: string | undefined];
const parameter = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Parameter> =>
  value.map((text) => [name, text] as const);

/** Each with its chance in ten. */
function parameters(
  parts: readonly (readonly [chance: number, part: fc.Arbitrary<Parameter>])[],
): fc.Arbitrary<readonly Parameter[]> {
  return fc
    .tuple(
      ...parts.map(([chance, part]) =>
        fc.oneof(
          { weight: 10 - chance, arbitrary: fc.constant(undefined) },
          { weight: chance, arbitrary: part },
        ),
      ),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant(undefined) },
        {
          weight: 1,
          arbitrary: fc.constantFrom<Parameter>(
            ["unknown", "1"],
            ["limit", "3"],
            ["endTs", "abc"],
            ["serviceName", "b-~w"],
            ["serviceName", undefined],
            ["", "x"],
            ["ENDTS", "1"],
          ),
        },
      ),
    )
    .map((found) => found.filter((one) => one !== undefined));
}

const searches = parameters([
  [6, parameter("serviceName", asked.queriedServices)],
  [2, parameter("remoteServiceName", asked.queriedServices)],
  [2, parameter("spanName", fc.oneof(values.spanNames, fc.constantFrom("All", "get ", "GET")))],
  [3, parameter("annotationQuery", asked.annotationQueries)],
  [
    2,
    parameter(
      "minDuration",
      asked.rarelyOdd(fc.constantFrom("1", "10", "1000", "200000", "5000000")),
    ),
  ],
  [
    1,
    parameter(
      "maxDuration",
      asked.rarelyOdd(fc.constantFrom("1", "10", "1000", "200000", "9000000")),
    ),
  ],
  [9, parameter("endTs", asked.endTimes)],
  [9, parameter("lookback", asked.lookbacks)],
  [4, parameter("limit", asked.rarelyOdd(fc.constantFrom("1", "2", "3", "100")))],
]);

/** One thing asked of all that the world holds. */
const plainSearches: fc.Arbitrary<readonly Parameter[]> = fc
  .oneof(
    parameter("annotationQuery", asked.annotationQueries).map((one) => [one]),
    parameter("spanName", values.spanNames).map((one) => [one]),
    parameter("remoteServiceName", asked.queriedServices).map((one) => [one]),
    fc
      .tuple(values.durations, fc.option(values.durations, { nil: undefined }))
      .map(([min, max]): Parameter[] => [
        ["minDuration", String(min)],
        ...(max === undefined ? [] : [["maxDuration", String(Math.max(min, max))] as const]),
      ]),
  )
  .map((found) => [...found, ["endTs", "~m59999~"], ["lookback", "59999"], ["limit", "100"]]);

const prefixes = fc.oneof(
  { weight: 8, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.constant("/zipkin") },
);

const questions = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ path: fc.constant("/api/v2/traces"), parameters: searches }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ path: fc.constant("/api/v2/traces"), parameters: plainSearches }),
  },
  {
    weight: 2,
    arbitrary: asked.idTexts.map((id) => ({ path: `/api/v2/trace/${id}`, parameters: [] })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      path: fc.constant("/api/v2/traceMany"),
      parameters: parameters([[9, parameter("traceIds", asked.idLists)]]),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      path: fc.constant("/api/v2/dependencies"),
      parameters: parameters([
        [9, parameter("endTs", asked.endTimes)],
        [8, parameter("lookback", asked.lookbacks)],
      ]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      path: fc.constantFrom("/api/v2/spans", "/api/v2/remoteServices"),
      parameters: parameters([[9, parameter("serviceName", asked.queriedServices)]]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      path: fc.constant("/api/v2/autocompleteValues"),
      parameters: parameters([
        [9, parameter("key", fc.oneof(values.tagKeys, fc.constantFrom("ENV", "env ")))],
      ]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      path: fc.constantFrom("/api/v2/services", "/api/v2/autocompleteKeys"),
      parameters: parameters([]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      path: fc.constantFrom(
        "/",
        "/api",
        "/api/v2",
        "/api/v2/",
        "/api/v2/unknown",
        "/api/v2/services/",
        "/api/v2/traces/",
        "/api/v2/trace",
        "/api/v2/trace/",
        "/api/v2//services",
        "//api/v2/services",
        "/api/v2/./services",
        "/api/v2/x/../services",
        "/api/v2/%73ervices",
        "/API/V2/services",
        "/api/v2/services;a=b",
        "/api/v1/services",
        "/api/v1/spans",
        "/api/v1/traces",
        "/api/v2/services%2F",
        "/api/v2/services%20",
        "/zipkin",
        "/zipkin/api/v2",
        "/zipkin/config.json",
        "/config.json",
        "/favicon.ico",
        "/zipkin/unknown.js",
        "/zipkin/../health",
        "/health/",
        "/info",
        "/actuator/info",
        "/unknown",
        "/%",
        "/%zz",
        "/%00",
      ),
      parameters: fc.constant([]),
    }),
  },
);

const methods = fc.oneof(
  { weight: 15, arbitrary: fc.constant("GET") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE"),
  },
);

export const queries: fc.Arbitrary<Query> = fc
  .tuple(methods, prefixes, questions, asked.accepting)
  .map(([method, prefix, { path, parameters: found }, headers]) => ({
    method,
    path: path.startsWith("/api/") ? prefix + path : path,
    parameters: found,
    headers,
  }));
