/** What HTTP/2 services do to their streams and connections. */
import type { CaseFile } from "../rig/recorded-case.ts";
import { cluster, http2Cluster } from "../rig/yaml-configuration.ts";
import { stats } from "./circuit-breaker-cases.ts";
import { configuration } from "./configuration.ts";

const routes = "- match: { prefix: / }\n  route: { cluster: service }";

const to = (more = "", route = routes) =>
  configuration({
    routes: route,
    tracing: "spawn_upstream_span: true",
    clusters: cluster("service", ["H2_PORT"], `${http2Cluster}${more}`),
  });

const together = { staggerMs: 150, settleMs: 300 } as const;

/** NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, STREAM_CLOSED, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM. */
const codes = [0, 1, 2, 5, 7, 8, 11];

export const http2UpstreamCases: readonly CaseFile[] = [
  {
    name: "http2-01-rst-stream",
    description: "RST_STREAM instead of an answer",
    envoyYaml: to(),
    settleMs: 300,
    requests: codes.map(() => ({})),
    upstream: { H2_PORT: codes.map((rst) => ({ rst })) },
    after: [stats],
    bodyLines: { [codes.length]: "cluster" },
  },
  {
    name: "http2-02-rst-stream-in-body",
    description: "RST_STREAM in the middle of the body",
    envoyYaml: to(),
    settleMs: 300,
    requests: [{}],
    upstream: { H2_PORT: [{ resetInBody: true }] },
    after: [stats],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "http2-03-goaway",
    description: "GOAWAY: what is under way goes on, the next request has another connection",
    envoyYaml: to(),
    settleMs: 300,
    requests: [{}, {}],
    upstream: { H2_PORT: [{ goaway: true }, {}] },
    after: [stats],
    bodyLines: { 2: "cluster" },
  },
  {
    name: "http2-04-max-concurrent-streams",
    description: "the service allows one stream at a time: another connection is opened",
    envoyYaml: to(),
    ...together,
    staggerMs: 400,
    requests: [{}, {}, {}],
    upstream: { H2_PORT: [{ delayMs: 1500, maxConcurrentStreams: 1 }, { delayMs: 1500 }] },
    after: [stats],
    bodyLines: { 3: "cluster" },
  },
  {
    name: "http2-05-max-concurrent-streams-one-connection",
    description: "the same, and one connection is all there may be: requests take turns",
    envoyYaml: to("circuit_breakers: { thresholds: [{ max_connections: 1 }] }"),
    ...together,
    staggerMs: 400,
    requests: [{}, {}, {}],
    upstream: { H2_PORT: [{ delayMs: 1500, maxConcurrentStreams: 1 }, { delayMs: 1500 }] },
    after: [stats],
    bodyLines: { 3: "cluster" },
  },
  {
    name: "http2-06-own-max-concurrent-streams",
    description: "max_concurrent_streams of the cluster",
    envoyYaml: to().replace(
      "http2_protocol_options: {}",
      "http2_protocol_options: { max_concurrent_streams: 1 }",
    ),
    ...together,
    requests: [{}, {}],
    upstream: { H2_PORT: [{ delayMs: 600 }] },
    after: [stats],
    bodyLines: { 2: "cluster" },
  },
  {
    name: "http2-07-one-connection-for-all",
    description: "streams share a connection",
    envoyYaml: to(),
    ...together,
    requests: [{}, {}, {}],
    upstream: { H2_PORT: [{ delayMs: 600 }] },
    after: [stats],
    bodyLines: { 3: "cluster" },
  },
  {
    name: "http2-08-refused-stream-retried",
    description: "a refused stream is tried again",
    envoyYaml: to(
      "",
      "- match: { prefix: / }\n  route: { cluster: service, retry_policy: { retry_on: refused-stream, num_retries: 2 } }",
    ),
    settleMs: 300,
    volatile: [{ match: "^(15000|14\\d{3})$", as: "<ms-left>" }],
    requests: [{}, {}],
    upstream: { H2_PORT: [{ rst: 7 }, {}, { rst: 2 }] },
    after: [stats],
    bodyLines: { 2: "cluster" },
  },
  {
    name: "http2-09-http1-answers",
    description: "a service that speaks HTTP/1",
    envoyYaml: configuration({
      routes,
      tracing: "spawn_upstream_span: true",
      clusters: cluster("service", ["UPSTREAM_PORT"], http2Cluster),
    }),
    settleMs: 300,
    ignoreUpstream: true,
    requests: [{}],
    upstream: { UPSTREAM_PORT: [{ raw: "HTTP/1.1 400 Bad Request\r\n\r\n" }] },
    after: [stats],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "http2-10-connection-ends-in-body",
    description: "the connection ends in the middle of the body",
    envoyYaml: to(),
    settleMs: 300,
    requests: [{}],
    upstream: { H2_PORT: [{ cutInBody: true }] },
    after: [stats],
    bodyLines: { 1: "cluster" },
  },
  {
    name: "http2-11-requests-per-connection",
    description: "max_requests_per_connection",
    envoyYaml: to("max_requests_per_connection: 2"),
    settleMs: 300,
    requests: [{}, {}, {}],
    after: [stats],
    bodyLines: { 3: "cluster" },
  },
  {
    name: "http2-12-route-timeout",
    description: "a stream given up by the proxy",
    envoyYaml: to("", "- match: { prefix: / }\n  route: { cluster: service, timeout: 0.2s }"),
    settleMs: 300,
    requests: [{}, {}],
    upstream: { H2_PORT: [{ noReply: true }, {}] },
    after: [stats],
    bodyLines: { 2: "cluster" },
  },
];
