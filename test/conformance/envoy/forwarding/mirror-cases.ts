/** Requests of which a copy goes to another cluster. */
import type { CaseFile } from "../rig/recorded-case.ts";
import { cluster, http2Cluster } from "../rig/yaml-configuration.ts";
import { configuration } from "./configuration.ts";

const clusters = [
  cluster("service", ["UPSTREAM_PORT"]),
  cluster("shadow", ["UPSTREAM_SHADOW_PORT"]),
  cluster("other", ["UPSTREAM_OTHER_PORT"]),
].join("");

const mirrored = `- match: { prefix: / }
  route:
    cluster: service
    request_mirror_policies:
    - cluster: shadow
`;

const statsOf = (name: string) => ({
  to: "ADMIN_PORT",
  path: `/stats?filter=^cluster\\.${name}\\.(internal\\.|external\\.)?upstream_rq_(total|completed|200|2xx|5\\d\\d|5xx|timeout|pending_overflow|tx_reset|rx_reset)$`,
});

const byServer = { unorderedUpstream: true, settleMs: 300 } as const;

export const mirrorCases: readonly CaseFile[] = [
  {
    name: "mirror-01-get",
    description: "a GET without trace headers",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: { path: "/a?b=c", headers: [["x-custom", "1"]] },
    after: [statsOf("shadow"), statsOf("service")],
    bodyLines: { 1: "cluster", 2: "cluster" },
  },
  {
    name: "mirror-02-b3-in",
    description: "a caller's trace, header by header",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: {
      headers: [
        ["x-b3-traceid", "48485a3953bb6124"],
        ["x-b3-spanid", "0dc1a3f4b5e6d7c8"],
        ["x-b3-parentspanid", "48485a3953bb6124"],
        ["x-b3-sampled", "1"],
        ["x-request-id", "6c8f8c5c-9c5d-4e1a-9e0f-0d5b3c1e2f3a"],
      ],
    },
  },
  {
    name: "mirror-03-b3-single",
    description: "a caller's trace in one header",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: { headers: [["b3", "48485a3953bb6124-0dc1a3f4b5e6d7c8-1"]] },
  },
  {
    name: "mirror-04-not-sampled",
    description: "a caller who does not want to be traced",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: {
      headers: [
        ["x-b3-traceid", "48485a3953bb6124"],
        ["x-b3-spanid", "0dc1a3f4b5e6d7c8"],
        ["x-b3-sampled", "0"],
      ],
    },
  },
  {
    name: "mirror-05-trace-sampled-false",
    description: "trace_sampled false: the copy is not traced",
    envoyYaml: configuration({
      routes: `${mirrored}      trace_sampled: false\n`,
      clusters,
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-06-trace-sampled-true-unsampled",
    description: "trace_sampled true where the caller does not sample",
    envoyYaml: configuration({ routes: `${mirrored}      trace_sampled: true\n`, clusters }),
    ...byServer,
    request: { headers: [["b3", "0"]] },
  },
  {
    name: "mirror-07-outbound-spawn",
    description: "outbound with spans for upstream attempts",
    envoyYaml: configuration({
      routes: mirrored,
      clusters,
      direction: "OUTBOUND",
      tracing: "spawn_upstream_span: true",
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-08-host-port",
    description: "a Host with a port",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: { headers: [["host", "shop.example:8080"]] },
  },
  {
    name: "mirror-09-no-suffix",
    description: "disable_shadow_host_suffix_append",
    envoyYaml: configuration({
      routes: `${mirrored}      disable_shadow_host_suffix_append: true\n`,
      clusters,
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-10-body",
    description: "a body with content-length",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: { method: "POST", body: "some body" },
  },
  {
    name: "mirror-11-chunked",
    description: "a chunked body",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: {
      raw: "POST / HTTP/1.1\r\nhost: example.test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
    },
  },
  {
    name: "mirror-12-trailers",
    description: "HTTP/2 both sides, with gRPC trailers in the answer of the shadow cluster",
    envoyYaml: configuration({
      routes: mirrored,
      clusters: [
        cluster("service", ["H2_PORT"], http2Cluster),
        cluster("shadow", ["H2_SHADOW_PORT"], http2Cluster),
      ].join(""),
    }),
    ...byServer,
    request: {
      proto: "h2",
      method: "POST",
      path: "/pkg.Service/Call",
      headers: [
        ["content-type", "application/grpc"],
        ["te", "trailers"],
        ["grpc-timeout", "5S"],
      ],
      body: "\0\0\0\0\u0003abc",
    },
    upstream: {
      H2_PORT: [
        { headers: [["content-type", "application/grpc"]], trailers: [["grpc-status", "0"]] },
      ],
      H2_SHADOW_PORT: [
        { headers: [["content-type", "application/grpc"]], trailers: [["grpc-status", "14"]] },
      ],
    },
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-13-cluster-header",
    description:
      "the cluster named by a header; without the header there is no copy, nor with an unknown name",
    envoyYaml: configuration({
      routes: `- match: { prefix: / }
  route:
    cluster: service
    request_mirror_policies:
    - cluster_header: x-mirror-cluster
`,
      clusters,
    }),
    ...byServer,
    requests: [
      { path: "/1" },
      { path: "/2", headers: [["x-mirror-cluster", "shadow"]] },
      { path: "/3", headers: [["x-mirror-cluster", "ghost"]] },
      { path: "/4", headers: [["x-mirror-cluster", ""]] },
    ],
  },
  {
    name: "mirror-14-several",
    description: "two policies",
    envoyYaml: configuration({ routes: `${mirrored}    - cluster: other\n`, clusters }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-15-levels",
    description:
      "a route's policies replace the virtual host's, which replace the route configuration's",
    envoyYaml: configuration({
      routeConfig: "request_mirror_policies: [{ cluster: other }]",
      virtualHost: "request_mirror_policies: [{ cluster: shadow }]",
      routes: `- match: { prefix: /own }
  route:
    cluster: service
    request_mirror_policies: [{ cluster: other }]
- match: { prefix: / }
  route: { cluster: service }
`,
      clusters,
    }),
    ...byServer,
    requests: [{ path: "/own" }, { path: "/inherits" }],
  },
  {
    name: "mirror-16-route-config-level",
    description: "policies of the route configuration alone",
    envoyYaml: configuration({
      routeConfig: "request_mirror_policies: [{ cluster: other }]",
      routes: "- match: { prefix: / }\n  route: { cluster: service }",
      clusters,
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-17-fraction-zero",
    description: "runtime_fraction 0, and 100 out of the runtime",
    envoyYaml: configuration({
      routes: `- match: { prefix: /no }
  route:
    cluster: service
    request_mirror_policies:
    - cluster: shadow
      runtime_fraction: { default_value: { numerator: 0 } }
- match: { prefix: / }
  route:
    cluster: service
    request_mirror_policies:
    - cluster: shadow
      runtime_fraction: { default_value: { numerator: 0 }, runtime_key: mirror.share }
`,
      clusters,
    }).replace("min_flush_spans: 1 }", "min_flush_spans: 1, mirror.share: 100 }"),
    ...byServer,
    requests: [{ path: "/no" }, { path: "/yes" }],
  },
  {
    name: "mirror-18-rewrites",
    description: "route header additions, path and host rewrites, attempt count, timeouts",
    envoyYaml: configuration({
      virtualHost: "include_request_attempt_count: true",
      routes: `- match: { prefix: /from }
  request_headers_to_add:
  - header: { key: x-added, value: "%REQ(:path)%" }
  route:
    cluster: service
    prefix_rewrite: /to
    host_rewrite_literal: inside.test
    timeout: 3s
    retry_policy: { retry_on: 5xx, num_retries: 2, per_try_timeout: 1s }
    request_mirror_policies: [{ cluster: shadow }]
`,
      clusters,
    }),
    ...byServer,
    request: {
      path: "/from/here?x=1",
      headers: [
        ["x-envoy-retry-on", "gateway-error"],
        ["x-envoy-max-retries", "3"],
      ],
    },
  },
  {
    name: "mirror-19-internal",
    description: "an internal request with use_remote_address",
    envoyYaml: configuration({
      manager:
        "use_remote_address: true\ninternal_address_config: { cidr_ranges: [{ address_prefix: 127.0.0.0, prefix_len: 8 }] }",
      routes: mirrored,
      clusters,
    }),
    ...byServer,
    request: { headers: [["x-envoy-upstream-rq-timeout-ms", "2000"]] },
  },
  {
    name: "mirror-20-external",
    description: "an external request with use_remote_address",
    envoyYaml: configuration({ manager: "use_remote_address: true", routes: mirrored, clusters }),
    ...byServer,
    request: { headers: [["x-forwarded-for", "8.8.8.8"]] },
  },
  {
    name: "mirror-21-shadow-fails",
    description: "a shadow that closes its connection changes nothing",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: {},
    upstream: { UPSTREAM_SHADOW_PORT: [{ close: true }] },
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-22-shadow-down",
    description: "a shadow that cannot be reached",
    envoyYaml: configuration({
      routes: mirrored,
      clusters: cluster("service", ["UPSTREAM_PORT"]) + cluster("shadow", ["DEAD_PORT"]),
    }),
    ...byServer,
    request: {},
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-23-shadow-5xx",
    description: "a shadow that answers 500; it is not tried again",
    envoyYaml: configuration({
      routes: `- match: { prefix: / }
  route:
    cluster: service
    retry_policy: { retry_on: 5xx }
    request_mirror_policies: [{ cluster: shadow }]
`,
      clusters,
    }),
    ...byServer,
    request: {},
    upstream: { UPSTREAM_SHADOW_PORT: [{ status: 500 }] },
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-24-shadow-slow",
    description: "a shadow that does not answer within the route's timeout",
    envoyYaml: configuration({
      routes: `- match: { prefix: / }
  route:
    cluster: service
    timeout: 0.2s
    request_mirror_policies: [{ cluster: shadow }]
`,
      clusters,
    }),
    ...byServer,
    settleMs: 600,
    request: {},
    upstream: { UPSTREAM_SHADOW_PORT: [{ noReply: true }] },
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-25-service-retried",
    description: "a retried request is mirrored once",
    envoyYaml: configuration({
      routes: `- match: { prefix: / }
  route:
    cluster: service
    retry_policy: { retry_on: 5xx, num_retries: 2 }
    request_mirror_policies: [{ cluster: shadow }]
`,
      clusters,
    }),
    ...byServer,
    volatile: [{ match: "^(15000|14\\d{3})$", as: "<ms-left>" }],
    request: { method: "POST", body: "once" },
    upstream: { UPSTREAM_PORT: [{ status: 500 }, {}] },
  },
  {
    name: "mirror-26-unhealthy-service",
    description: "no endpoint for the request: no copy either",
    envoyYaml: configuration({
      routes: mirrored,
      clusters: `- { name: service, type: STATIC, connect_timeout: 1s }
${cluster("shadow", ["UPSTREAM_SHADOW_PORT"])}`,
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-27-empty-shadow",
    description: "a shadow cluster without endpoints",
    envoyYaml: configuration({
      routes: mirrored,
      clusters: `${cluster("service", ["UPSTREAM_PORT"])}
- { name: shadow, type: STATIC, connect_timeout: 1s }`,
    }),
    ...byServer,
    request: {},
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-28-w3c",
    description: "B3 and W3C propagation",
    envoyYaml: configuration({ routes: mirrored, clusters }).replace(
      "collector_cluster: zipkin",
      "trace_context_option: USE_B3_WITH_W3C_PROPAGATION\n                collector_cluster: zipkin",
    ),
    ...byServer,
    request: {
      headers: [["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]],
    },
  },
  {
    name: "mirror-29-decorator",
    description: "a decorated route",
    envoyYaml: configuration({
      routes: `- match: { prefix: / }
  decorator: { operation: checkAvailability }
  route:
    cluster: service
    request_mirror_policies: [{ cluster: shadow }]
`,
      clusters,
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-30-head",
    description: "a HEAD request",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: { method: "HEAD" },
  },
  {
    name: "mirror-31-abandoned-upload",
    description: "the client leaves in the middle of its body",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: {
      raw: "POST / HTTP/1.1\r\nhost: example.test\r\ncontent-length: 10\r\n\r\nabc",
      abortAfterMs: 200,
    },
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-32-host-ipv6",
    description: "IPv6 addresses as Host",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    requests: [{ headers: [["host", "[::1]:8080"]] }, { headers: [["host", "[::1]"]] }],
  },
  {
    name: "mirror-33-early-response",
    description: "the service answers before the body is there",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: {
      raw: "POST / HTTP/1.1\r\nhost: example.test\r\ncontent-length: 10\r\n\r\nabcdefghij",
    },
    upstream: { UPSTREAM_PORT: [{ status: 413 }], UPSTREAM_SHADOW_PORT: [{ delayMs: 50 }] },
  },
  {
    name: "mirror-34-no-context-propagation",
    description: "no_context_propagation",
    envoyYaml: configuration({
      routes: mirrored,
      clusters,
      tracing: "no_context_propagation: true",
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-35-suppress-headers",
    description: "suppress_envoy_headers and respect_expected_rq_timeout",
    envoyYaml: configuration({ routes: mirrored, clusters }).replace(
      "v3.Router\n",
      "v3.Router\n              suppress_envoy_headers: true\n              respect_expected_rq_timeout: true\n",
    ),
    ...byServer,
    request: { headers: [["x-envoy-expected-rq-timeout-ms", "700"]] },
  },
  {
    name: "mirror-36-shadow-cut-mid-body",
    description: "a shadow whose answer is cut short",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: {},
    upstream: { UPSTREAM_SHADOW_PORT: [{ declaredLength: 50, midBodyClose: true }] },
    after: [statsOf("shadow")],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "mirror-37-shadow-overflow",
    description: "a circuit breaker of the shadow cluster is open; a gRPC request",
    envoyYaml: configuration({
      routes: mirrored,
      clusters:
        cluster("service", ["UPSTREAM_PORT"]) +
        cluster(
          "shadow",
          ["UPSTREAM_SHADOW_PORT"],
          "circuit_breakers: { thresholds: [{ max_pending_requests: 0 }] }",
        ),
    }),
    ...byServer,
    requests: [{}, { method: "POST", headers: [["content-type", "application/grpc"]], body: "x" }],
    after: [statsOf("shadow")],
    bodyLines: { 2: "cluster" },
  },
  {
    name: "mirror-38-opentelemetry",
    description: "spans for an OpenTelemetry collector",
    envoyYaml: configuration({ routes: mirrored, clusters })
      .replace(
        /name: envoy.tracers.zipkin[\s\S]*?HTTP_JSON/,
        `name: envoy.tracers.opentelemetry
              typed_config:
                "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                service_name: test-service
                http_service:
                  http_uri: { uri: "http://zipkin/v1/traces", cluster: zipkin, timeout: 1s }`,
      )
      .replace("tracing.zipkin.min_flush_spans", "tracing.opentelemetry.min_flush_spans"),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-39-not-sampled-by-share",
    description: "random sampling 0, and a route that traces its copies",
    envoyYaml: configuration({
      routes: `${mirrored}      trace_sampled: true\n`,
      clusters,
      tracing: "random_sampling: { value: 0 }",
    }),
    ...byServer,
    request: {},
  },
  {
    name: "mirror-40-malformed-b3",
    description: "a trace header that is none",
    envoyYaml: configuration({ routes: mirrored, clusters }),
    ...byServer,
    request: { headers: [["b3", "rubbish"]] },
  },
  {
    name: "mirror-41-host-rewrite",
    description: "host_rewrite_literal, with and without the suffix switched off",
    envoyYaml: configuration({
      routes: `- match: { prefix: /both }
  route:
    cluster: service
    request_mirror_policies:
    - { cluster: shadow, host_rewrite_literal: "mirror.test:81", disable_shadow_host_suffix_append: true }
- match: { prefix: / }
  route:
    cluster: service
    request_mirror_policies:
    - { cluster: shadow, host_rewrite_literal: "mirror.test:81" }
`,
      clusters,
    }),
    ...byServer,
    requests: [{ path: "/both" }, { path: "/one" }],
  },
  {
    name: "mirror-42-header-mutations",
    description: "request_headers_mutations",
    envoyYaml: configuration({
      routes: `- match: { prefix: / }
  request_headers_to_add: [{ header: { key: x-route, value: r } }]
  route:
    cluster: service
    request_mirror_policies:
    - cluster: shadow
      request_headers_mutations:
      - remove: x-secret
      - append: { header: { key: x-shadow, value: "of %REQ(x-custom)% %REQ(:path)%" } }
      - append: { header: { key: x-custom, value: more } }
      - append: { header: { key: x-custom, value: other }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }
      - append: { header: { key: x-absent, value: none }, append_action: OVERWRITE_IF_EXISTS }
      - append: { header: { key: x-route, value: none }, append_action: ADD_IF_ABSENT }
      - append: { header: { key: x-request-id, value: mine }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }
      - append: { header: { key: x-b3-spanid, value: "0000000000000001" }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }
`,
      clusters,
    }),
    ...byServer,
    request: {
      path: "/a",
      headers: [
        ["x-secret", "s"],
        ["x-custom", "1"],
      ],
    },
  },
];
