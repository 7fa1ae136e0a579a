/** What routes do: forward in every manner, redirect, answer. */
import fc from "fast-check";
import { few, type JsonObject, oneIn, rarely, record, sometimes } from "./drawing.ts";
import { headerMatch } from "./matchers.ts";
import { clusterNames, deadClusters, headerName, path } from "./vocabulary.ts";

const cluster = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...clusterNames) },
  fc.constantFrom(...deadClusters, "named", "missing"),
);

const weightedCluster: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.nat({ max: 2 }), fc.constantFrom(1, 7, 100), sometimes(fc.constant("weight.test")))
  .map(([chosen, weight, host_rewrite_literal]) => ({
    clusters: ["alpha", "beta", "gone"].map((name, at) => ({
      name,
      weight: at === chosen ? weight : 0,
      ...(host_rewrite_literal !== undefined && { host_rewrite_literal }),
    })),
  }));

const target: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 6, arbitrary: cluster.map((name) => ({ cluster: name })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("x-cluster", "X-Kind", ":authority")
      .map((cluster_header) => ({ cluster_header })),
  },
  { weight: 2, arbitrary: weightedCluster.map((weighted_clusters) => ({ weighted_clusters })) },
);

export const regexRewrite: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.constantFrom(
      "/api",
      "^/([a-z]+)/?(.*)$",
      "[aeiou]",
      "/",
      "(?i)API",
      "x*",
      "$",
      "(/api)(/items)?",
    ),
    fc.constantFrom("", "/new", "/\\1", "\\2-\\1", "\\0\\0", "a\\\\b", "/%2F"),
  )
  .filter(([regex, substitution]) => highestReference(substitution) <= numGroups(regex))
  .map(([regex, substitution]) => ({ pattern: { regex }, substitution }));

function highestReference(substitution: string): number {
  return Math.max(0, ...[...substitution.matchAll(/\\(\d)/g)].map(([, digit]) => Number(digit)));
}

function numGroups(regex: string): number {
  return regex.match(/\((?!\?)/g)?.length ?? 0;
}

const newPrefix = fc.oneof(path, fc.constantFrom("", "/v2", "v2/", "/v2?extra=1", "/v2#x"));

const pathRewrite: fc.Arbitrary<JsonObject> = fc.oneof<fc.Arbitrary<JsonObject>[]>(
  newPrefix.map((prefix_rewrite) => ({ prefix_rewrite })),
  regexRewrite.map((regex_rewrite) => ({ regex_rewrite })),
);

const hostRewrite: fc.Arbitrary<JsonObject> = fc.oneof<fc.Arbitrary<JsonObject>[]>(
  fc
    .constantFrom("new.test", "new.test:81", "")
    .map((host_rewrite_literal) => ({ host_rewrite_literal })),
  fc.boolean().map((auto_host_rewrite) => ({ auto_host_rewrite })),
  fc
    .oneof(headerName, fc.constantFrom("x-missing", "host", ":path"))
    .map((host_rewrite_header) => ({ host_rewrite_header })),
  regexRewrite.map((host_rewrite_path_regex) => ({ host_rewrite_path_regex })),
);

const retryWords = [
  "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "refused-stream", "retriable-4xx", "envoy-ratelimited",
  "retriable-status-codes", "retriable-headers", "unavailable", "internal", "nonsense",
] as const; // biome-ignore format: a table

export const retryOn: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...retryWords), { minLength: 1, maxLength: 3 })
  .chain((words) => fc.constantFrom(",", ", ", " ,").map((comma) => words.join(comma)));

export const retryPolicy: fc.Arbitrary<JsonObject> = record({
  retry_on: oneIn(2, retryOn),
  num_retries: sometimes(fc.constantFrom(0, 1, 2, 3)),
  per_try_timeout: rarely(fc.constantFrom("0s", "0.040s", "20s")),
  retriable_status_codes: few(fc.constantFrom(404, 409, 418, 503)),
  retriable_headers: rarely(fc.array(headerMatch, { minLength: 1, maxLength: 1 })),
  retriable_request_headers: rarely(fc.array(headerMatch, { minLength: 1, maxLength: 1 })),
  retry_back_off: fc.constant({ base_interval: "0.001s", max_interval: "0.002s" }),
});

const forward: fc.Arbitrary<JsonObject> = fc
  .tuple(
    target,
    sometimes(pathRewrite),
    sometimes(hostRewrite),
    record({
      cluster_not_found_response_code: sometimes(
        fc.constantFrom("SERVICE_UNAVAILABLE", "NOT_FOUND", "INTERNAL_SERVER_ERROR"),
      ),
      append_x_forwarded_host: oneIn(4, fc.boolean()),
      timeout: sometimes(fc.constantFrom("0s", "0.080s", "3s", "15s")),
      idle_timeout: rarely(fc.constantFrom("0s", "10s")),
      retry_policy: sometimes(retryPolicy),
      priority: rarely(fc.constantFrom("DEFAULT", "HIGH")),
      max_stream_duration: rarely(
        fc.constantFrom<JsonObject>(
          {},
          { max_stream_duration: "10s" },
          { grpc_timeout_header_max: "5s" },
          { grpc_timeout_header_max: "0s", grpc_timeout_header_offset: "0.5s" },
        ),
      ),
      upgrade_configs: rarely(
        fc.constantFrom<JsonObject[]>(
          [{ upgrade_type: "websocket" }],
          [{ upgrade_type: "websocket", enabled: false }],
        ),
      ),
      hash_policy: rarely(
        fc.constantFrom<JsonObject[]>(
          [{ header: { header_name: "x-kind" } }],
          [{ query_parameter: { name: "q" }, terminal: true }, { cookie: { name: "a" } }],
          [{ connection_properties: { source_ip: true } }],
        ),
      ),
      max_grpc_timeout: rarely(fc.constantFrom("0s", "2s")),
    }),
  )
  .map(([to, newPath = {}, newHost = {}, rest]) => ({ ...to, ...newPath, ...newHost, ...rest }));

const redirect: fc.Arbitrary<JsonObject> = fc
  .tuple(
    sometimes(
      fc.oneof<fc.Arbitrary<JsonObject>[]>(
        fc.boolean().map((https_redirect) => ({ https_redirect })),
        fc.constantFrom("http", "https", "ftp", "").map((scheme_redirect) => ({ scheme_redirect })),
      ),
    ),
    sometimes(
      fc.oneof<fc.Arbitrary<JsonObject>[]>(
        fc
          .constantFrom("/moved", "/moved?x=1", "moved", "", "/moved#top")
          .map((path_redirect) => ({ path_redirect })),
        newPrefix.map((prefix_rewrite) => ({ prefix_rewrite })),
        regexRewrite.map((regex_rewrite) => ({ regex_rewrite })),
      ),
    ),
    record({
      host_redirect: sometimes(fc.constantFrom("new.test", "new.test:81", "[::2]", "")),
      port_redirect: sometimes(fc.constantFrom(80, 443, 8443, 0)),
      response_code: sometimes(
        fc.constantFrom(
          "MOVED_PERMANENTLY",
          "FOUND",
          "SEE_OTHER",
          "TEMPORARY_REDIRECT",
          "PERMANENT_REDIRECT",
        ),
      ),
      strip_query: sometimes(fc.boolean()),
    }),
  )
  .map(([scheme = {}, newPath = {}, rest]) => ({ ...scheme, ...newPath, ...rest }));

const directResponse: fc.Arbitrary<JsonObject> = record({
  status: fc.constantFrom(200, 201, 204, 304, 302, 404, 503, 599),
  body: sometimes(
    fc.constantFrom<JsonObject>(
      { inline_string: "direct" },
      { inline_string: "" },
      { inline_string: "\u00fcml\u00e4ut" },
      { inline_bytes: "AAEC" },
    ),
  ),
});

/** The field of a route that says what it does. */
export const action: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 6, arbitrary: forward.map((route) => ({ route })) },
  { weight: 3, arbitrary: redirect.map((to) => ({ redirect: to })) },
  { weight: 1, arbitrary: directResponse.map((direct_response) => ({ direct_response })) },
);
