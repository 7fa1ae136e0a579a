/** Limits on what a cluster has under way. */

import type { CaseFile, CaseRequest } from "../rig/recorded-case.ts";
import { cluster, http2Cluster } from "../rig/yaml-configuration.ts";
import { configuration } from "./configuration.ts";

const routes = "- match: { prefix: / }\n  route: { cluster: service }";

const limited = (thresholds: string, more = "", ports = ["UPSTREAM_PORT"]) =>
  configuration({
    routes,
    tracing: "spawn_upstream_span: true",
    clusters: cluster(
      "service",
      ports,
      `circuit_breakers: { thresholds: [{ ${thresholds} }] }\n${more}`,
    ),
  });

/** The figures that ours keeps too. */
export const stats: CaseRequest = {
  to: "ADMIN_PORT",
  path: `/stats?filter=${encodeURIComponent(
    `^cluster\\.service\\.(${[
      "circuit_breakers\\.(default|high)\\.((cx|rq|rq_pending|rq_retry)_open|remaining_(cx|pending|rq|retries))",
      "upstream_cx_(active|total|overflow|http[12]_total|connect_(fail|timeout)|destroy\\w*|max_requests|idle_timeout|close_notify)",
      "upstream_rq_(active|active_overflow|total|completed|cancelled|timeout|per_try_timeout|[tr]x_reset|\\d..)",
      "upstream_rq_pending_(active|total|overflow|failure_eject)",
      "upstream_rq_retry(|_overflow|_limit_exceeded|_success)",
    ].join("|")})$`,
  )}`,
};

const slow = { UPSTREAM_PORT: [{ delayMs: 700 }], H2_PORT: [{ delayMs: 700 }] };
const together = { staggerMs: 150, settleMs: 300, unorderedUpstream: true } as const;
const bodyLines = (count: number) => ({ bodyLines: { [count]: "cluster" } });

export const circuitBreakerCases: readonly CaseFile[] = [
  {
    name: "limit-01-max-connections",
    description: "one connection: three requests take turns",
    envoyYaml: limited("max_connections: 1"),
    ...together,
    requests: [{}, {}, {}],
    upstream: slow,
    after: [stats],
    ...bodyLines(3),
  },
  {
    name: "limit-02-max-connections-and-pending",
    description: "one connection and one that may wait: the third is turned away",
    envoyYaml: limited("max_connections: 1, max_pending_requests: 1"),
    ...together,
    requests: [{}, {}, {}, { ...stats }],
    upstream: slow,
    after: [stats],
    bodyLines: { 3: "cluster", 4: "cluster" },
  },
  {
    name: "limit-03-max-requests",
    description: "one request at a time: the second has its connection and is turned away",
    envoyYaml: limited("max_requests: 1"),
    ...together,
    requests: [{}, {}, { ...stats }],
    upstream: slow,
    after: [stats],
    bodyLines: { 2: "cluster", 3: "cluster" },
  },
  {
    name: "limit-04-max-requests-http2",
    description: "the same over HTTP/2",
    envoyYaml: limited("max_requests: 1", http2Cluster, ["H2_PORT"]),
    ...together,
    requests: [{}, {}],
    upstream: slow,
    after: [stats],
    ...bodyLines(2),
  },
  {
    name: "limit-05-no-connections",
    description: "max_connections 0: one connection is opened nevertheless",
    envoyYaml: limited("max_connections: 0"),
    ...together,
    requests: [{}, {}],
    upstream: slow,
    after: [stats],
    ...bodyLines(2),
  },
  {
    name: "limit-06-two-endpoints",
    description: "max_connections 1 and two endpoints: each has one",
    envoyYaml: configuration({
      routes,
      tracing: "random_sampling: { value: 0 }",
      clusters: cluster(
        "service",
        ["UPSTREAM_PORT", "UPSTREAM_OTHER_PORT"],
        "circuit_breakers: { thresholds: [{ max_connections: 1 }] }",
      ),
    }),
    // Which endpoint begins is a matter of chance: spans would be in another order.
    ...together,
    requests: [{}, {}, {}, {}],
    upstream: { ...slow, UPSTREAM_OTHER_PORT: [{ delayMs: 700 }] },
    after: [stats],
    ...bodyLines(4),
  },
  {
    name: "limit-07-per-host",
    description: "per_host_thresholds",
    envoyYaml: configuration({
      routes,
      clusters: cluster(
        "service",
        ["UPSTREAM_PORT"],
        "circuit_breakers: { per_host_thresholds: [{ max_connections: 1 }] }",
      ),
    }),
    ...together,
    requests: [{}, {}, {}],
    upstream: slow,
    after: [stats],
    ...bodyLines(3),
  },
  {
    name: "limit-08-track-remaining",
    description: "gauges of what is left, under load and at rest",
    envoyYaml: limited(
      "max_connections: 5, max_pending_requests: 6, max_requests: 7, max_retries: 8, track_remaining: true",
    ),
    ...together,
    requests: [{}, {}, stats],
    upstream: slow,
    after: [stats],
    bodyLines: { 2: "circuit_breakers", 3: "circuit_breakers" },
  },
  {
    name: "limit-09-high-priority",
    description: "HIGH has limits of its own",
    envoyYaml: configuration({
      routes: `- match: { prefix: /high }
  route: { cluster: service, priority: HIGH }
- match: { prefix: / }
  route: { cluster: service }`,
      clusters: cluster(
        "service",
        ["UPSTREAM_PORT"],
        "circuit_breakers: { thresholds: [{ max_connections: 1, max_pending_requests: 1 }, { priority: HIGH, max_connections: 1, max_pending_requests: 2 }] }",
      ),
    }),
    ...together,
    staggerMs: 80,
    requests: [
      {},
      { path: "/high" },
      {},
      { path: "/high" },
      {},
      { path: "/high" },
      { path: "/high" },
      stats,
    ],
    upstream: slow,
    after: [stats],
    bodyLines: { 7: "circuit_breakers", 8: "circuit_breakers" },
  },
  {
    name: "limit-10-no-retries",
    description: "max_retries 0",
    envoyYaml: configuration({
      routes: `- match: { prefix: / }
  route: { cluster: service, retry_policy: { retry_on: 5xx, num_retries: 2 } }`,
      clusters: cluster(
        "service",
        ["UPSTREAM_PORT"],
        "circuit_breakers: { thresholds: [{ max_retries: 0 }] }",
      ),
    }),
    ...together,
    requests: [{}],
    upstream: { UPSTREAM_PORT: [{ status: 503 }] },
    after: [stats],
    ...bodyLines(1),
  },
  {
    name: "limit-11-requests-per-connection",
    description: "max_requests_per_connection",
    envoyYaml: limited("max_connections: 10", "max_requests_per_connection: 2"),
    settleMs: 300,
    requests: [{}, {}, {}],
    after: [stats],
    ...bodyLines(3),
  },
  {
    name: "limit-12-pending-times-out",
    description: "a request that waits for a connection until its time is over",
    envoyYaml: limited("max_connections: 1").replace(
      "{ cluster: service }",
      "{ cluster: service, timeout: 0.5s }",
    ),
    ...together,
    requests: [{}, {}],
    upstream: { UPSTREAM_PORT: [{ noReply: true }] },
    after: [stats],
    ...bodyLines(2),
  },
  {
    name: "limit-13-client-leaves-the-queue",
    description: "the client of a waiting request goes away",
    envoyYaml: limited("max_connections: 1"),
    ...together,
    requests: [{}, { abortAfterMs: 150 }],
    upstream: slow,
    after: [stats],
    ...bodyLines(2),
  },
  {
    name: "limit-14-connect-fails",
    description: "nobody listens: everything that waits fails",
    envoyYaml: limited("max_connections: 1", "", ["DEAD_PORT"]),
    settleMs: 300,
    requests: [{}, {}],
    after: [stats],
    ...bodyLines(2),
  },
];
