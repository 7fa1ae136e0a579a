/** Requests about which a service is asked over HTTP/1.1. */
import type { CaseFile } from "../rig/recorded-case.ts";
import { cluster } from "../rig/yaml-configuration.ts";
import {
  after,
  askingHttp,
  bodyLines,
  post,
  routeWith,
  traced,
} from "./ext-authz-configuration.ts";

const headers = [
  ["authorization", "Bearer t"],
  ["cookie", "a=b"],
  ["x-custom", "1"],
  ["x-custom", "2"],
  ["user-agent", "curl/8"],
] as const;

const get = { path: "/a?b=c", headers } as const;

const ok = { UPSTREAM_AUTH_PORT: [{ status: 200, headers: [], body: "" }] } as const;
const denied = {
  UPSTREAM_AUTH_PORT: [
    {
      status: 401,
      headers: [
        ["content-type", "text/html"],
        ["www-authenticate", "Basic"],
        ["x-reason", "no"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["date", "Sat, 01 Jan 2022 00:00:00 GMT"],
        ["server", "auth"],
      ],
      body: "go away",
    },
  ],
} as const;

export const extAuthzHttpCases: readonly CaseFile[] = [
  {
    name: "authz-http-01-ok",
    description: "the service is asked and says yes",
    envoyYaml: askingHttp({}, traced),
    request: get,
    upstream: ok,
    after,
    bodyLines,
  },
  {
    name: "authz-http-02-denied",
    description: "no, with everything the service says",
    envoyYaml: askingHttp({}, traced),
    request: get,
    upstream: denied,
    after,
    bodyLines,
  },
  {
    name: "authz-http-03-denied-some-headers",
    description: "no, with the headers the client may see",
    envoyYaml: askingHttp({
      service:
        "authorization_response: { allowed_client_headers: { patterns: [{ exact: x-reason }] } }",
    }),
    request: get,
    upstream: denied,
  },
  {
    name: "authz-http-04-error",
    description: "a service that fails",
    envoyYaml: askingHttp({}, traced),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ status: 503, body: "oops" }] },
    after,
    bodyLines,
  },
  {
    name: "authz-http-05-status-on-error",
    description: "another status for failures",
    envoyYaml: askingHttp({ filter: "status_on_error: { code: 502 }" }),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ status: 500, body: "oops" }] },
  },
  {
    name: "authz-http-06-failure-mode-allow",
    description: "failures let requests pass",
    envoyYaml: askingHttp(
      { filter: "failure_mode_allow: true\nfailure_mode_allow_header_add: true" },
      traced,
    ),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ status: 500, body: "oops" }] },
    after,
    bodyLines,
  },
  {
    name: "authz-http-07-timeout",
    description: "a service that takes too long",
    envoyYaml: askingHttp({ timeout: "0.1s" }, traced),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ delayMs: 1500 }] },
    after,
    bodyLines,
  },
  {
    name: "authz-http-08-refused",
    description: "nobody is there",
    envoyYaml: askingHttp(
      {},
      {
        ...traced,
        clusters: cluster("service", ["UPSTREAM_PORT"]) + cluster("auth", ["DEAD_PORT"]),
      },
    ),
    request: get,
    upstream: {},
    after,
    bodyLines,
  },
  {
    name: "authz-http-09-reset",
    description: "the service hangs up",
    envoyYaml: askingHttp({}, traced),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ close: true }] },
  },
  {
    name: "authz-http-10-cut-off",
    description: "the service's answer is cut off",
    envoyYaml: askingHttp({}, traced),
    request: get,
    upstream: {
      UPSTREAM_AUTH_PORT: [{ status: 401, declaredLength: 100, body: "part", midBodyClose: true }],
    },
  },
  {
    name: "authz-http-11-no-endpoint",
    description: "the service has no endpoint",
    envoyYaml: askingHttp(
      {},
      {
        ...traced,
        clusters: `${cluster("service", ["UPSTREAM_PORT"])}- { name: auth, type: STATIC }\n`,
      },
    ),
    request: get,
    upstream: {},
    after,
    bodyLines,
  },
  {
    name: "authz-http-12-allowed-headers",
    description: "headers the service may see",
    envoyYaml: askingHttp({
      filter:
        "allowed_headers: { patterns: [{ prefix: X- }, { exact: COOKIE, ignore_case: true }] }",
    }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-13-allowed-headers-old-place",
    description: "the same in its older place, and headers it may not see",
    envoyYaml: askingHttp({
      service:
        "authorization_request: { allowed_headers: { patterns: [{ safe_regex: { regex: '(x|user)-.*' } }] } }",
      filter: "disallowed_headers: { patterns: [{ exact: x-custom }, { exact: authorization }] }",
    }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-14-headers-to-add",
    description: "headers of the question's own, and a prefix of its path",
    envoyYaml: askingHttp({
      service: `path_prefix: /check
authorization_request:
  headers_to_add: [{ key: x-new, value: "%REQ(x-custom)% %PROTOCOL%" }, { key: authorization, value: own }]`,
    }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-15-path-override",
    description: "a path of the question's own",
    envoyYaml: askingHttp({ service: "path_override: /own" }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-16-upstream-headers",
    description: "headers of the answer for the upstream and for the client",
    envoyYaml: askingHttp({
      service: `authorization_response:
  allowed_upstream_headers: { patterns: [{ prefix: x-user }] }
  allowed_upstream_headers_to_append: { patterns: [{ exact: x-custom }] }
  allowed_client_headers_on_success: { patterns: [{ exact: x-for-client }, { exact: server }] }
  dynamic_metadata_from_headers: { patterns: [{ prefix: x-meta }] }`,
    }),
    request: { path: "/a", headers: [...headers, ["x-user", "old"], ["x-drop", "1"]] },
    upstream: {
      UPSTREAM_AUTH_PORT: [
        {
          headers: [
            ["x-user", "ann"],
            ["x-user", "bob"],
            ["x-user-id", "7"],
            ["x-custom", "3"],
            ["x-for-client", "hi"],
            ["x-for-client", "there"],
            ["x-meta-a", "m"],
            ["x-meta-a", "n"],
            ["x-envoy-auth-headers-to-remove", "x-drop, cookie ,:path,host,"],
          ],
          body: "ignored",
        },
      ],
    },
    volatile: [{ match: '"ext_authz_duration":\\d+', as: '"ext_authz_duration":"<ms>"' }],
  },
  {
    name: "authz-http-17-clear-route-cache",
    description: "a header of the answer leads to another route",
    envoyYaml: askingHttp(
      {
        service:
          "authorization_response: { allowed_upstream_headers: { patterns: [{ exact: x-tier }] } }",
        filter: "clear_route_cache: true",
      },
      {
        ...traced,
        routes: `- match: { prefix: /, headers: [{ name: x-tier, string_match: { exact: gold } }] }
  name: gold
  route: { cluster: service, prefix_rewrite: /gold }
  decorator: { operation: gold }
- match: { prefix: / }
  name: plain
  direct_response: { status: 418 }`,
      },
    ),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ headers: [["x-tier", "gold"]], body: "" }] },
  },
  {
    name: "authz-http-18-route-kept",
    description: "without it the route stays",
    envoyYaml: askingHttp(
      {
        service:
          "authorization_response: { allowed_upstream_headers: { patterns: [{ exact: x-tier }] } }",
      },
      {
        routes: `- match: { prefix: /, headers: [{ name: x-tier, string_match: { exact: gold } }] }
  route: { cluster: service, prefix_rewrite: /gold }
- match: { prefix: / }
  name: plain
  route: { cluster: service }`,
      },
    ),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ headers: [["x-tier", "gold"]], body: "" }] },
  },
  {
    name: "authz-http-19-body",
    description: "the body goes along",
    envoyYaml: askingHttp({ filter: "with_request_body: { max_request_bytes: 100 }" }, traced),
    request: post,
    upstream: ok,
  },
  {
    name: "authz-http-20-body-too-large",
    description: "more body than may go along",
    envoyYaml: askingHttp({ filter: "with_request_body: { max_request_bytes: 100 }" }, traced),
    request: { ...post, bodySize: 200 },
    upstream: ok,
  },
  {
    name: "authz-http-21-partial-body",
    description: "the beginning of the body will do",
    envoyYaml: askingHttp({
      filter: "with_request_body: { max_request_bytes: 5, allow_partial_message: true }",
    }),
    request: post,
    upstream: ok,
  },
  {
    name: "authz-http-22-body-not-wanted",
    description: "a body that does not go along",
    envoyYaml: askingHttp(),
    request: post,
    upstream: ok,
  },
  {
    name: "authz-http-23-body-denied",
    description: "no, after the body",
    envoyYaml: askingHttp({ filter: "with_request_body: { max_request_bytes: 100 }" }),
    request: post,
    upstream: denied,
  },
  {
    name: "authz-http-24-disabled-by-route",
    description: "a route about which nobody is asked",
    envoyYaml: askingHttp({}, { routes: routeWith("disabled: true") }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-25-no-route",
    description: "a request without a route",
    envoyYaml: askingHttp({}, { routes: "- { match: { path: /x }, route: { cluster: service } }" }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-26-filter-disabled",
    description: "no request is asked about",
    envoyYaml: askingHttp({
      filter: "filter_enabled: { default_value: { numerator: 0 } }",
    }),
    request: get,
    upstream: ok,
    after,
    bodyLines,
  },
  {
    name: "authz-http-27-deny-at-disable",
    description: "no request is asked about and all are refused",
    envoyYaml: askingHttp(
      {
        filter: `filter_enabled: { default_value: { numerator: 100 }, runtime_key: authz.enabled }
deny_at_disable: { default_value: false, runtime_key: authz.deny }
status_on_error: { code: 429 }`,
      },
      { runtime: "authz.enabled: 0, authz.deny: true" },
    ),
    request: get,
    upstream: ok,
    after,
    bodyLines,
  },
  {
    name: "authz-http-28-redirect",
    description: "the service sends the client elsewhere",
    envoyYaml: askingHttp(),
    request: get,
    upstream: {
      UPSTREAM_AUTH_PORT: [{ status: 302, headers: [["location", "/login"]], body: "" }],
    },
  },
  {
    name: "authz-http-29-grpc-client",
    description: "a gRPC client hears no in its own terms",
    envoyYaml: askingHttp(),
    request: { ...post, headers: [["content-type", "application/grpc"]] },
    upstream: denied,
  },
  {
    name: "authz-http-30-head",
    description: "a HEAD request",
    envoyYaml: askingHttp(),
    request: { method: "HEAD", path: "/h" },
    upstream: denied,
  },
  {
    name: "authz-http-31-b3",
    description: "the caller's trace goes through the question and through the request",
    envoyYaml: askingHttp({ filter: "allowed_headers: { patterns: [{ prefix: x- }] }" }, traced),
    request: {
      headers: [
        ["x-b3-traceid", "48485a3953bb6124"],
        ["x-b3-spanid", "0dc1a3f4b5e6d7c8"],
        ["x-b3-parentspanid", "48485a3953bb6124"],
        ["x-b3-sampled", "1"],
      ],
    },
    upstream: ok,
  },
  {
    name: "authz-http-32-not-sampled",
    description: "a trace that is not sampled",
    envoyYaml: askingHttp({}, traced),
    request: {
      headers: [
        ["x-b3-traceid", "48485a3953bb6124"],
        ["x-b3-spanid", "0dc1a3f4b5e6d7c8"],
        ["x-b3-sampled", "0"],
      ],
    },
    upstream: ok,
  },
  {
    name: "authz-http-33-outbound-spawn",
    description: "outbound, with spans of upstream attempts and custom tags",
    envoyYaml: askingHttp(
      {},
      {
        direction: "OUTBOUND",
        tracing:
          "spawn_upstream_span: true\ncustom_tags: [{ tag: t, literal: { value: v } }]\nverbose: true",
      },
    ),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-34-no-client-span",
    description: "the question has no span",
    envoyYaml: askingHttp({ filter: "emit_client_span: false" }, traced),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-35-stat-prefix",
    description: "statistics under a name of their own",
    envoyYaml: askingHttp({ filter: "stat_prefix: waf\ncharge_cluster_response_stats: false" }),
    request: get,
    upstream: denied,
    after,
    bodyLines,
  },
  {
    name: "authz-http-36-body-limit-of-denial",
    description: "a long answer is cut",
    envoyYaml: askingHttp({ filter: "max_denied_response_body_bytes: 3" }),
    request: get,
    upstream: denied,
  },
  {
    name: "authz-http-37-route-settings",
    description: "a route with another service and another limit",
    envoyYaml: askingHttp(
      {},
      {
        routes: routeWith(`check_settings:
  http_service:
    server_uri: { uri: other, cluster: other, timeout: 1s }
    path_prefix: /other
  with_request_body: { max_request_bytes: 3, allow_partial_message: true }`),
        clusters:
          cluster("service", ["UPSTREAM_PORT"]) +
          cluster("auth", ["UPSTREAM_AUTH_PORT"]) +
          cluster("other", ["UPSTREAM_OTHER_PORT"]),
      },
    ),
    request: post,
    upstream: { ...ok, UPSTREAM_OTHER_PORT: [{ headers: [], body: "" }] },
  },
  {
    name: "authz-http-38-route-without-body",
    description: "a route whose bodies do not go along",
    envoyYaml: askingHttp(
      { filter: "with_request_body: { max_request_bytes: 100 }" },
      { routes: routeWith("check_settings: { disable_request_body_buffering: true }") },
    ),
    request: post,
    upstream: ok,
  },
  {
    name: "authz-http-39-remote-address",
    description: "an edge proxy asks",
    envoyYaml: askingHttp(
      { filter: "allowed_headers: { patterns: [{ prefix: x- }] }" },
      { ...traced, manager: "use_remote_address: true" },
    ),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-http-40-204",
    description: "a yes that is no 200 is a no",
    envoyYaml: askingHttp(),
    request: get,
    upstream: { UPSTREAM_AUTH_PORT: [{ status: 204, headers: [["x-a", "1"]] }] },
  },
];
