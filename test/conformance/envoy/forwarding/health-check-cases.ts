/** Active health checks, and what the health of endpoints means for load balancing. */

import type { CaseFile, CaseRequest } from "../rig/recorded-case.ts";
import { http2Cluster } from "../rig/yaml-configuration.ts";
import { configuration } from "./configuration.ts";

const routes = "- match: { prefix: / }\n  route: { cluster: service }";

/** One check a minute: the cases see the first one only. */
const timing =
  "timeout: 0.5s, interval: 60s, unhealthy_threshold: 2, healthy_threshold: 2, no_traffic_interval: 60s";

interface Endpoint {
  readonly port: string;
  readonly endpoint?: string;
  readonly fields?: string;
}

interface Group {
  readonly endpoints: readonly (string | Endpoint)[];
  readonly fields?: string;
}

/** A cluster `service` with groups of endpoints. */
function service(groups: readonly Group[], fields: string, policy = ""): string {
  const text = groups.map(({ endpoints, fields: group = "" }) => {
    const list = endpoints.map((one) => {
      const {
        port,
        endpoint = "",
        fields: more = "",
      } = typeof one === "string" ? { port: one } : one;
      const address = `address: { socket_address: { address: 127.0.0.1, port_value: {{${port}}} } }`;
      return `      - { endpoint: { ${address}${endpoint} }${more} }`;
    });
    return `    - lb_endpoints:\n${list.join("\n")}${group === "" ? "" : `\n      ${group}`}`;
  });
  return `- name: service
  type: STATIC
  connect_timeout: 1s
${fields.replace(/^/gm, "  ")}
  load_assignment:
    cluster_name: service
${policy === "" ? "" : `    policy: ${policy}\n`}    endpoints:
${text.join("\n")}
`;
}

const untraced = "random_sampling: { value: 0 }";

const clusters: CaseRequest = { to: "ADMIN_PORT", path: "/clusters?filter=service" };
const clustersJson: CaseRequest = {
  to: "ADMIN_PORT",
  path: "/clusters?filter=service&format=json",
};
const stats: CaseRequest = {
  to: "ADMIN_PORT",
  path: `/stats?filter=${encodeURIComponent(
    "^cluster\\.service\\.(health_check|membership_(healthy|degraded|excluded|total)|lb_healthy_panic|upstream_cx_none_healthy|upstream_(cx|rq)_total)",
  )}`,
};
const afterwards = {
  after: [clusters, stats],
  bodyLines: { 1: "health_flags|priority", 2: "cluster" },
};
const byServer = {
  unorderedUpstream: true,
  settleMs: 300,
  // Their order among themselves is another for every kind of check.
  ignoreRequestHeaders: [":method", ":path", ":authority", ":scheme"],
} as const;

const http = (more = "") =>
  `health_checks: [{ ${timing}, http_health_check: { path: /healthz${more} } }]`;

export const healthCheckCases: readonly CaseFile[] = [
  {
    name: "health-01-http",
    description: "one endpoint passes, the other answers 503: it gets no requests",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service([{ endpoints: ["UPSTREAM_PORT", "UPSTREAM_BAD_PORT"] }], http()),
    }),
    ...byServer,
    requests: [{}, {}, {}],
    upstream: { UPSTREAM_BAD_PORT: [{ status: 503 }] },
    after: [clusters, stats, clustersJson],
    bodyLines: { 3: "health_flags|priority", 4: "cluster", 5: "host_statuses" },
  },
  {
    name: "health-02-panic",
    description: "no endpoint passes: all of them get requests",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service([{ endpoints: ["UPSTREAM_BAD_PORT"] }], http()),
    }),
    ...byServer,
    request: {},
    upstream: { UPSTREAM_BAD_PORT: [{ status: 503 }, {}] },
    ...afterwards,
  },
  {
    name: "health-03-no-panic",
    description: "healthy_panic_threshold 0: no endpoint is better than a bad one",
    envoyYaml: configuration({
      routes,
      clusters: service(
        [{ endpoints: ["UPSTREAM_BAD_PORT"] }],
        `${http()}\ncommon_lb_config: { healthy_panic_threshold: { value: 0 } }`,
      ),
    }),
    ...byServer,
    request: {},
    upstream: { UPSTREAM_BAD_PORT: [{ status: 503 }] },
    ...afterwards,
  },
  {
    name: "health-04-tcp",
    description: "a TCP connection is enough; nobody listens at the other",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [{ endpoints: ["UPSTREAM_PORT", "DEAD_PORT"] }],
        `health_checks: [{ ${timing}, tcp_health_check: {} }]`,
      ),
    }),
    ...byServer,
    requests: [{}, {}],
    after: [clusters, stats],
    bodyLines: { 2: "health_flags", 3: "cluster" },
  },
  {
    name: "health-05-tcp-payload",
    description: "bytes to send and bytes to wait for",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [{ endpoints: ["UPSTREAM_PORT", "UPSTREAM_BAD_PORT"] }],
        // GET / HTTP/1.1, then "200".
        `health_checks: [{ ${timing}, tcp_health_check: { send: { text: "474554202f20485454502f312e310d0a0d0a" }, receive: [{ text: "323030" }, { text: "0d0a0d0a" }] } }]`,
      ),
    }),
    ...byServer,
    requests: [{}, {}],
    upstream: { UPSTREAM_BAD_PORT: [{ status: 404 }] },
    after: [clusters, stats],
    bodyLines: { 2: "health_flags", 3: "cluster" },
  },
  {
    name: "health-06-grpc",
    description: "grpc.health.v1: serving, and not serving",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [{ endpoints: ["H2_PORT", "H2_BAD_PORT"] }],
        `${http2Cluster}health_checks: [{ ${timing}, grpc_health_check: { service_name: pkg.Shop, authority: shop.test, initial_metadata: [{ header: { key: x-check, value: "1" } }] } }]`,
      ),
    }),
    ...byServer,
    requests: [{}, {}],
    upstream: {
      H2_PORT: [
        {
          headers: [["content-type", "application/grpc"]],
          body: "\0\0\0\0\u0002\b\u0001",
          trailers: [["grpc-status", "0"]],
        },
        {},
      ],
      H2_BAD_PORT: [
        {
          headers: [["content-type", "application/grpc"]],
          body: "\0\0\0\0\u0002\b\u0002",
          trailers: [["grpc-status", "0"]],
        },
      ],
    },
    after: [clusters, stats],
    bodyLines: { 2: "health_flags", 3: "cluster" },
  },
  {
    name: "health-07-http-options",
    description: "host, method, headers, expected statuses",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [{ endpoints: ["UPSTREAM_PORT", "UPSTREAM_BAD_PORT"] }],
        http(
          ', host: check.test, method: HEAD, expected_statuses: [{ start: 200, end: 205 }], request_headers_to_add: [{ header: { key: x-check, value: "yes" } }, { header: { key: user-agent, value: mine }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }], request_headers_to_remove: [x-envoy-nothing]',
        ),
      ),
    }),
    ...byServer,
    requests: [{}, {}],
    upstream: { UPSTREAM_PORT: [{ status: 204 }, {}], UPSTREAM_BAD_PORT: [{ status: 205 }] },
    after: [clusters, stats],
    bodyLines: { 2: "health_flags", 3: "cluster" },
  },
  {
    name: "health-08-other-port",
    description: "checks at another port, under the endpoint's own name, or not at all",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [
          {
            endpoints: [
              {
                port: "UPSTREAM_PORT",
                endpoint:
                  ", hostname: one.test, health_check_config: { port_value: {{UPSTREAM_CHECK_PORT}}, hostname: check-one.test }",
              },
              {
                port: "UPSTREAM_OTHER_PORT",
                endpoint: ", health_check_config: { disable_active_health_check: true }",
              },
            ],
          },
        ],
        http(),
      ),
    }),
    ...byServer,
    requests: [],
    after: [clusters, stats],
    bodyLines: { 0: "health_flags", 1: "cluster" },
  },
  {
    name: "health-09-degraded",
    description:
      "an endpoint that calls itself degraded gets requests only when others cannot take them",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service([{ endpoints: ["UPSTREAM_PORT", "UPSTREAM_BAD_PORT"] }], http()),
    }),
    ...byServer,
    requests: [],
    upstream: { UPSTREAM_BAD_PORT: [{ headers: [["x-envoy-degraded", "true"]] }] },
    after: [clusters, stats, clustersJson],
    bodyLines: { 0: "health_flags", 1: "cluster", 2: "host_statuses" },
  },
  {
    name: "health-10-priorities",
    description: "the second priority takes over when the first has nobody left",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [
          { endpoints: ["UPSTREAM_BAD_PORT"] },
          { endpoints: ["UPSTREAM_PORT"], fields: "priority: 1" },
        ],
        http(),
      ),
    }),
    ...byServer,
    requests: [{}, {}, {}],
    upstream: { UPSTREAM_BAD_PORT: [{ status: 500 }] },
    after: [clusters, stats],
    bodyLines: { 3: "health_flags|priority", 4: "cluster" },
  },
  {
    name: "health-11-eds-statuses",
    description: "health_status of the file",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [
          {
            endpoints: [
              { port: "UPSTREAM_PORT" },
              { port: "UPSTREAM_A_PORT", fields: ", health_status: UNHEALTHY" },
              { port: "UPSTREAM_B_PORT", fields: ", health_status: DRAINING" },
              { port: "UPSTREAM_C_PORT", fields: ", health_status: TIMEOUT" },
              { port: "UPSTREAM_D_PORT", fields: ", health_status: DEGRADED" },
              { port: "UPSTREAM_E_PORT", fields: ", health_status: HEALTHY" },
            ],
          },
        ],
        "lb_policy: RANDOM",
      ),
    }),
    ...byServer,
    requests: [],
    after: [clusters, stats, clustersJson],
    bodyLines: { 0: "health_flags|priority", 1: "cluster", 2: "host_statuses" },
  },
  {
    name: "health-12-recovers",
    description:
      "a failing endpoint comes back after healthy_threshold checks, a good one goes after a bad answer",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [{ endpoints: ["UPSTREAM_PORT", "UPSTREAM_BAD_PORT"] }],
        "health_checks: [{ timeout: 0.5s, interval: 0.1s, no_traffic_interval: 0.1s, unhealthy_threshold: 1, healthy_threshold: 2, http_health_check: { path: / } }]",
      ),
    }),
    ...byServer,
    ignoreUpstream: true,
    settleMs: 1500,
    requests: [],
    upstream: { UPSTREAM_PORT: [{}, { status: 503 }], UPSTREAM_BAD_PORT: [{ status: 503 }, {}] },
    after: [clusters],
    bodyLines: { 0: "health_flags" },
  },
  {
    name: "health-13-timeout",
    description: "no answer within the timeout",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service([{ endpoints: ["UPSTREAM_BAD_PORT"] }], http()),
    }),
    ...byServer,
    requests: [],
    upstream: { UPSTREAM_BAD_PORT: [{ noReply: true }] },
    after: [clusters, stats],
    bodyLines: { 0: "health_flags", 1: "cluster" },
  },
  {
    name: "health-14-http2",
    description: "HTTP checks over HTTP/2",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service([{ endpoints: ["H2_PORT"] }], http(", codec_client_type: HTTP2")),
    }),
    ...byServer,
    requests: [],
    after: [clusters, stats],
    bodyLines: { 0: "health_flags", 1: "cluster" },
  },
  {
    name: "health-15-locality-weighted",
    description: "locality weights leave out a locality of weight 0 (none given)",
    envoyYaml: configuration({
      routes,
      tracing: untraced,
      clusters: service(
        [
          {
            endpoints: ["UPSTREAM_PORT"],
            fields: "locality: { region: r1, zone: a }\n      load_balancing_weight: 1",
          },
          { endpoints: ["UPSTREAM_BAD_PORT"], fields: "locality: { region: r1, zone: b }" },
        ],
        "common_lb_config: { locality_weighted_lb_config: {} }",
      ),
    }),
    ...byServer,
    requests: [{}, {}, {}, {}],
    after: [clusters, stats],
    bodyLines: { 4: "health_flags|zone|region", 5: "cluster" },
  },
];
