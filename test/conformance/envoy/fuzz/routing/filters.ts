/** The filters before the router, and what routes change of them. */
import fc from "fast-check";
import { type Json, type JsonObject, oneIn, rarely, record, share, sometimes } from "./drawing.ts";
import { headerMatch, stringMatch } from "./matchers.ts";

export const filterTypes = "type.googleapis.com/envoy.extensions.filters.http";

const typed = (type: string, fields: JsonObject): JsonObject => ({
  "@type": `${filterTypes}.${type}`,
  ...fields,
});

const abort: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.oneof<fc.Arbitrary<JsonObject>[]>(
      fc.constant({ header_abort: {} }),
      fc.constantFrom(200, 418, 503, 599).map((http_status) => ({ http_status })),
      fc.constantFrom(0, 5, 14).map((grpc_status) => ({ grpc_status })),
    ),
    sometimes(share),
  )
  .map(([error, percentage]) => ({ ...error, ...(percentage !== undefined && { percentage }) }));

const delay: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.constantFrom<JsonObject>({ header_delay: {} }, { fixed_delay: "0.003s" }),
    sometimes(share),
  )
  .map(([kind, percentage]) => ({ ...kind, ...(percentage !== undefined && { percentage }) }));

const fault: fc.Arbitrary<JsonObject> = record({
  abort: oneIn(2, abort),
  delay: sometimes(delay),
  upstream_cluster: rarely(fc.constantFrom("alpha", "beta")),
  headers: rarely(fc.array(headerMatch, { minLength: 1, maxLength: 1 })),
  downstream_nodes: rarely(fc.constantFrom<Json>(["node-a"], ["node-a", "node-b"])),
});

const corsPolicy: fc.Arbitrary<JsonObject> = record({
  allow_origin_string_match: oneIn(
    2,
    fc.oneof(
      fc.constantFrom<Json>(
        [{ exact: "https://shop.test" }],
        [{ suffix: ".shop.test" }],
        [{ exact: "*" }],
      ),
      fc.array(stringMatch, { minLength: 1, maxLength: 2 }),
    ),
  ),
  allow_methods: sometimes(fc.constantFrom("GET, POST", "")),
  allow_headers: sometimes(fc.constantFrom("x-kind", "*")),
  expose_headers: sometimes(fc.constant("x-seen")),
  max_age: sometimes(fc.constantFrom("600", "")),
  allow_credentials: sometimes(fc.boolean()),
  filter_enabled: rarely(record({ default_value: share })),
  shadow_enabled: rarely(record({ default_value: share })),
  allow_private_network_access: rarely(fc.boolean()),
  forward_not_matching_preflights: sometimes(fc.boolean()),
});

const healthCheck: fc.Arbitrary<JsonObject> = record({
  pass_through_mode: fc.constantFrom(false, false, true),
  headers: fc.oneof<fc.Arbitrary<Json>[]>(
    fc.constantFrom<Json>(
      [{ name: ":path", string_match: { exact: "/api" } }],
      [{ name: ":path", string_match: { prefix: "/web" } }],
    ),
    fc.array(headerMatch, { minLength: 1, maxLength: 1 }),
  ),
  cluster_min_healthy_percentages: rarely(
    fc.constantFrom<Json>({ alpha: { value: 50 } }, { empty: { value: 1 } }, { empty: {} }),
  ),
});

const filter = (name: string, config: Json, disabled?: boolean): Json => ({
  name,
  typed_config: config,
  ...(disabled !== undefined && { disabled }),
});

/** In random order; the router stands last in any case. */
export const httpFilters: fc.Arbitrary<Json[]> = fc
  .tuple(
    fc.shuffledSubarray(["fault", "cors", "health_check", "buffer"] as const),
    fault,
    healthCheck,
    fc.constantFrom(3, 64, 16_384),
    rarely(fc.boolean()),
  )
  .map(([names, faults, checks, max_request_bytes, disabled]) => {
    const all = {
      fault: filter("fault", typed("fault.v3.HTTPFault", faults), disabled),
      cors: filter("cors", typed("cors.v3.Cors", {})),
      health_check: filter("health_check", typed("health_check.v3.HealthCheck", checks)),
      buffer: filter("buffer", typed("buffer.v3.Buffer", { max_request_bytes })),
    };
    return names.map((name) => all[name]);
  });

/** typed_per_filter_config: `names` are the filters that are there. */
export const perFilterConfig: fc.Arbitrary<JsonObject> = record({
  cors: oneIn(
    2,
    corsPolicy.map((policy) => typed("cors.v3.CorsPolicy", policy)),
  ),
  fault: sometimes(fault.map((faults) => typed("fault.v3.HTTPFault", faults))),
  buffer: sometimes(
    fc
      .constantFrom<JsonObject>({ disabled: true }, { buffer: { max_request_bytes: 5 } })
      .map((override) => typed("buffer.v3.BufferPerRoute", override)),
  ),
});
