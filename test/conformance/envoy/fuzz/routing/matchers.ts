/** Everything a route can ask of a request. */
import fc from "fast-check";
import {
  few,
  type Json,
  type JsonObject,
  oneIn,
  rarely,
  record,
  share,
  sometimes,
} from "./drawing.ts";
import { headerName, headerValue, path, queryName, regex } from "./vocabulary.ts";

const nonEmpty = headerValue.filter((value) => value !== "");
const valueRegex = fc.constantFrom("blue", "[bB]lue.*", ".*", "\\d+", "(?i)BLUE");

export const stringMatch: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.oneof<fc.Arbitrary<JsonObject>[]>(
      headerValue.map((exact) => ({ exact })),
      nonEmpty.map((prefix) => ({ prefix })),
      nonEmpty.map((suffix) => ({ suffix })),
      nonEmpty.map((contains) => ({ contains })),
      valueRegex.map((expression) => ({ safe_regex: { regex: expression } })),
    ),
    sometimes(fc.boolean()),
  )
  .map(([pattern, ignore_case]) =>
    ignore_case === undefined || "safe_regex" in pattern ? pattern : { ...pattern, ignore_case },
  );

const pseudoMatch: fc.Arbitrary<JsonObject> = fc.oneof(
  fc
    .constantFrom("GET", "get", "POST", "HEAD", "OPTIONS")
    .map((exact) => ({ name: ":method", string_match: { exact } })),
  path.map((prefix) => ({ name: ":path", string_match: { prefix } })),
  fc
    .constantFrom(":authority", "host", "Host")
    .map((name) => ({ name, string_match: { contains: "shop" } })),
  fc.constantFrom("http", "https").map((exact) => ({ name: ":scheme", string_match: { exact } })),
  fc
    .constantFrom("http", "https")
    .map((exact) => ({ name: "x-forwarded-proto", string_match: { exact } })),
  fc
    .constantFrom(
      "user-agent",
      "content-type",
      "content-length",
      "x-request-id",
      "x-envoy-internal",
      "cookie",
    )
    .map((name) => ({ name, present_match: true })),
);

const specifier: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: stringMatch.map((string_match) => ({ string_match })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<JsonObject>(
      { range_match: { start: 0, end: 42 } },
      { range_match: { start: "-10", end: 43 } },
      { range_match: { start: 5, end: 5 } },
      { range_match: { start: 9, end: 1 } },
    ),
  },
  { weight: 2, arbitrary: fc.boolean().map((present_match) => ({ present_match })) },
  headerValue.map((exact_match) => ({ exact_match })),
  nonEmpty.map((prefix_match) => ({ prefix_match })),
  nonEmpty.map((suffix_match) => ({ suffix_match })),
  nonEmpty.map((contains_match) => ({ contains_match })),
  valueRegex.map((expression) => ({ safe_regex_match: { regex: expression } })),
  fc.constant({}),
);

export const headerMatch: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 2, arbitrary: pseudoMatch },
  {
    weight: 6,
    arbitrary: fc
      .tuple(headerName, specifier, sometimes(fc.boolean()), sometimes(fc.boolean()))
      .map(([name, wanted, invert_match, treat_missing_header_as_empty]) =>
        withoutUndefined({ name, ...wanted, invert_match, treat_missing_header_as_empty }),
      ),
  },
);

const queryMatch: fc.Arbitrary<JsonObject> = fc
  .tuple(
    queryName,
    fc.oneof<fc.Arbitrary<JsonObject>[]>(
      stringMatch.map((string_match) => ({ string_match })),
      fc.boolean().map((present_match) => ({ present_match })),
      fc.constant({}),
    ),
  )
  .map(([name, wanted]) => ({ name, ...wanted }));

const pathSpecifier: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 5, arbitrary: path.map((prefix) => ({ prefix })) },
  fc.constantFrom("", "/api?q", "api", "/caf\u00e9").map((prefix) => ({ prefix })),
  { weight: 3, arbitrary: path.map((exact) => ({ path: exact })) },
  fc.constantFrom("*", "/api?q=1", "").map((exact) => ({ path: exact })),
  {
    weight: 3,
    arbitrary: path
      .filter((text) => text.length > 1 && !text.endsWith("/"))
      .map((path_separated_prefix) => ({ path_separated_prefix })),
  },
  { weight: 3, arbitrary: regex.map((expression) => ({ safe_regex: { regex: expression } })) },
  fc.constant({ connect_matcher: {} }),
);

export const routeMatch: fc.Arbitrary<JsonObject> = fc
  .tuple(
    pathSpecifier,
    record({
      case_sensitive: sometimes(fc.boolean()),
      headers: few(headerMatch),
      query_parameters: oneIn(4, fc.array(queryMatch, { minLength: 1, maxLength: 2 })),
      runtime_fraction: rarely(
        record({
          default_value: share,
          runtime_key: sometimes(fc.constantFrom("fuzz.all", "fuzz.none", "fuzz.unset")),
        }),
      ),
      grpc: rarely(fc.constant({})),
    }),
  )
  .map(([specified, rest]) => ({ ...specified, ...rest }));

function withoutUndefined(object: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
