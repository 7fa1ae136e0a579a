/** Route configurations: virtual hosts and their routes. */
import fc from "fast-check";
import { action, retryPolicy } from "./actions.ts";
import { type Json, type JsonObject, oneIn, rarely, record, sometimes } from "./drawing.ts";
import { perFilterConfig } from "./filters.ts";
import { routeMatch } from "./matchers.ts";
import { domains } from "./vocabulary.ts";

const route: fc.Arbitrary<JsonObject> = fc
  .tuple(routeMatch, action, record({ typed_per_filter_config: rarely(perFilterConfig) }))
  .map(([match, what, rest]) => ({ match, ...what, ...rest }));

const virtualHostRest: fc.Arbitrary<JsonObject> = record({
  require_tls: rarely(fc.constantFrom("NONE", "EXTERNAL_ONLY", "ALL")),
  include_request_attempt_count: oneIn(4, fc.boolean()),
  include_attempt_count_in_response: oneIn(4, fc.boolean()),
  include_is_timeout_retry_header: oneIn(4, fc.boolean()),
  retry_policy: rarely(retryPolicy),
  typed_per_filter_config: oneIn(4, perFilterConfig),
  per_request_buffer_limit_bytes: rarely(fc.constantFrom(0, 4, 100)),
});

/** Each domain once; the last virtual host may be the one for all others. */
const virtualHosts: fc.Arbitrary<Json[]> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...domains), {
      maxLength: 5,
      selector: (domain) => domain.toLowerCase(),
    }),
    fc.array(fc.tuple(fc.array(route, { maxLength: 5 }), virtualHostRest), {
      minLength: 3,
      maxLength: 3,
    }),
    fc.array(route, { minLength: 1, maxLength: 6 }),
    virtualHostRest,
    oneIn(6, fc.constant(true)),
  )
  .map(([names, drawn, routes, rest, withoutDefault]) => {
    const hosts: Json[] = [];
    for (let at = 0; at < 3; at++) {
      const own = names.filter((_, index) => index % 3 === at);
      const [ownRoutes, ownRest] = drawn[at] ?? [[], {}];
      if (own.length > 0)
        hosts.push({
          name: `host-${at}`,
          domains: own,
          routes: named(`${at}`, ownRoutes),
          ...ownRest,
        });
    }
    if (withoutDefault === undefined || hosts.length === 0)
      hosts.push({ name: "default", domains: ["*"], routes: named("d", routes), ...rest });
    return hosts;
  });

function named(prefix: string, routes: readonly JsonObject[]): Json[] {
  return routes.map((one, at) => ({ name: `${prefix}.${at}`, ...one }));
}

/** Written into every response, so that answers which look alike still tell their cause. */
const cause = {
  header: {
    key: "x-cause",
    value:
      "%RESPONSE_CODE_DETAILS% %RESPONSE_FLAGS% %ROUTE_NAME% %UPSTREAM_CLUSTER% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %VIRTUAL_CLUSTER_NAME%",
  },
};

export const routeConfiguration: fc.Arbitrary<JsonObject> = fc
  .tuple(
    virtualHosts,
    record({
      ignore_port_in_host_matching: oneIn(4, fc.boolean()),
      typed_per_filter_config: rarely(perFilterConfig),
      response_headers_to_add: sometimes(fc.constant([cause])),
    }),
  )
  .map(([virtual_hosts, rest]) => ({
    name: "fuzz_routes",
    validate_clusters: false,
    virtual_hosts,
    ...rest,
  }));
