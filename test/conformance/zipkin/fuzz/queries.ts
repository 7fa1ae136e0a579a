import fc from "fast-check";
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

const numbers = fc.constantFrom(
  "0",
  "-0",
  "1",
  "-1",
  "+1",
  "2",
  "10",
  "00010",
  "1000",
  "2147483647",
  "2147483648",
  "-2147483649",
  "9223372036854775807",
  "9223372036854775808",
  "99999999999999999999",
  "1.0",
  "1e3",
  "0x1",
  " 1",
  "1 ",
  "",
  "abc",
  "NaN",
  "null",
  "٣",
  "1,2",
  "1_000",
);
const rarelyOdd = (usual: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: numbers });
/** A window that reaches further than 64 bits of microseconds finds nothing in the real server; see RATIONALE.md. */
const instants = (usual: fc.Arbitrary<string>) =>
  rarelyOdd(usual).filter((text) => text !== "9223372036854775807");

const endTimes = instants(
  fc.oneof(
    fc.constantFrom("~m59999~", "~m0~", "~m1~", "~m2~", "~m500~", "~m1000~", "~m30000~"),
    fc.integer({ min: 0, max: 60_000 }).map((ms) => `~m${ms}~`),
  ),
);
const lookbacks = instants(
  fc.oneof(
    fc.constantFrom("1", "59999", "1000", "499"),
    fc.integer({ min: 1, max: 60_000 }).map(String),
  ),
);

const queriedServices = fc.oneof(
  { weight: 6, arbitrary: values.serviceNames },
  { weight: 2, arbitrary: fc.constantFrom("a-~w", "A-~w", "front-~w", "b-~w") },
  { weight: 1, arbitrary: fc.constantFrom("", "all", " a-~w", "unknown", "%raw:a%2D~w", "%raw:%") },
);
const annotationQueries = fc.oneof(
  fc.constantFrom(
    "error",
    "env=prod-~w",
    "env=v-~w",
    "env",
    "env=",
    "error and env",
    "error and env=v-~w",
    "env=v-~w and env=prod-~w",
    "env=v-~w and env",
    "http.path=a b=c",
    " error ",
    "error and ",
    " and ",
    "and",
    "error AND env",
    "error  and  env",
    "=",
    "=1",
    "",
    "cache.miss",
    "ws and error",
    "a=b",
    "a b",
    "%raw:error+and+env",
    "%raw:error%20and%20env%3Dv-~w",
    "%raw:env%3dv-~w",
    "%raw:%C3%A4",
    "%raw:%E4",
    "%raw:%zz",
    "%raw:a&b",
    "%raw:env=v-~w",
    Array.from({ length: 120 }, () => "error").join(" and "),
  ),
  fc.tuple(values.tagKeys, values.tagValues).map(([key, value]) => `${key}=${value}`),
  values.annotationTexts,
);

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
  [6, parameter("serviceName", queriedServices)],
  [2, parameter("remoteServiceName", queriedServices)],
  [2, parameter("spanName", fc.oneof(values.spanNames, fc.constantFrom("All", "get ", "GET")))],
  [3, parameter("annotationQuery", annotationQueries)],
  [2, parameter("minDuration", rarelyOdd(fc.constantFrom("1", "10", "1000", "200000", "5000000")))],
  [1, parameter("maxDuration", rarelyOdd(fc.constantFrom("1", "10", "1000", "200000", "9000000")))],
  [9, parameter("endTs", endTimes)],
  [9, parameter("lookback", lookbacks)],
  [4, parameter("limit", rarelyOdd(fc.constantFrom("1", "2", "3", "100")))],
]);

const idTexts = fc.oneof(
  { weight: 4, arbitrary: values.traceIds },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "~w00000009",
      "%20~w00000001%20",
      "%09~w00000001",
      "~w00000001+",
      "0000000000000000",
      "0",
      "00000000000000000000000000000000",
      "a".repeat(33),
      "ABCDEF",
      "~W00000001",
      "0x1",
      "xyz",
      "%00",
      "%C3%A4",
      "%zz",
      "%",
      "a%2Fb",
      "a/b",
      "~w00000001/",
      "~w00000001;a=b",
      "..",
      ".",
      "%2e%2e",
      "",
      "a,b",
    ),
  },
);

const idLists = fc
  .array(idTexts, { maxLength: 4 })
  .map((ids) => ids.join(","))
  .map((text) => `%raw:${text}`);

const accepting = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { accept: "text/html" },
      { accept: "application/json" },
      { accept: "application/xml;q=0.9, nonsense" },
      { "accept-encoding": "gzip" },
      { "accept-encoding": "gzip, deflate, br" },
      { "accept-encoding": "br, gzip;q=0.5" },
      { "accept-encoding": "gzip;q=0" },
      { "accept-encoding": "identity" },
      { "accept-encoding": "deflate" },
      { "accept-encoding": "*" },
      { origin: "http://example.com" },
      { origin: "null" },
      { origin: "http://example.com", "access-control-request-method": "POST" },
    ),
  },
);

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
    weight: 2,
    arbitrary: idTexts.map((id) => ({ path: `/api/v2/trace/${id}`, parameters: [] })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      path: fc.constant("/api/v2/traceMany"),
      parameters: parameters([[9, parameter("traceIds", idLists)]]),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      path: fc.constant("/api/v2/dependencies"),
      parameters: parameters([
        [9, parameter("endTs", endTimes)],
        [8, parameter("lookback", lookbacks)],
      ]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      path: fc.constantFrom("/api/v2/spans", "/api/v2/remoteServices"),
      parameters: parameters([[9, parameter("serviceName", queriedServices)]]),
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
  .tuple(methods, prefixes, questions, accepting)
  .map(([method, prefix, { path, parameters: asked }, headers]) => ({
    method,
    path: path.startsWith("/api/") ? prefix + path : path,
    parameters: asked,
    headers,
  }));
