/** Random bootstraps that rewrite, log and trace: header rules at every level, logs with filters, local replies, tags. */
import fc from "fast-check";
import {
  address,
  clusterOf,
  connectionManager,
  router,
  stdoutLog,
  types,
  upstreamProtocol,
} from "../../rig/configuration-parts.ts";
import { localReplyConfig } from "./local-replies.ts";
import { accessLog } from "./logs.ts";
import { present, rules } from "./rules.ts";
import { routeTracing, tracing } from "./tags.ts";

const metadata = (text: string) => ({
  filter_metadata: {
    ns: {
      text,
      number: 42,
      deep: { list: [1, "two", null, { b: 1.5 }] },
      sorted: { b: { d: 1, c: true }, a: [] },
      none: null,
    },
  },
});

const describedCluster = (name: string, port: string, http2 = false) =>
  clusterOf(
    name,
    [
      {
        endpoint: { address: address(port), ...(http2 && { hostname: "host.name" }) },
        metadata: metadata("endpoint é"),
      },
    ],
    {
      metadata: metadata(`cluster ${name}`),
      ...(http2 && upstreamProtocol({ http2_protocol_options: {} })),
    },
  );

const clusterName = fc.constantFrom("service", "service", "service2", "dead");

/** What a route does. */
const action: fc.Arbitrary<object> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        cluster: clusterName,
        prefix_rewrite: fc.option(fc.constant("/rewritten/"), { nil: undefined, freq: 4 }),
        host_rewrite_literal: fc.option(fc.constant("other.test"), { nil: undefined, freq: 4 }),
      })
      .map((route) => ({ route: present(route) })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(rules, rules, clusterName).map(([first, second, name]) => ({
      route: {
        weighted_clusters: {
          clusters: [
            { name, weight: 100, ...first },
            { name: "service2", weight: 0, ...second },
          ],
        },
      },
    })),
  },
  fc.constantFrom(
    { direct_response: { status: 200, body: { inline_string: "direct" } } },
    { direct_response: { status: 503 } },
    { direct_response: { status: 404, body: { inline_string: "no such" } } },
    { redirect: { host_redirect: "there.test", path_redirect: "/moved" } },
    { redirect: { https_redirect: true, response_code: "PERMANENT_REDIRECT" } },
    { route: { cluster_header: "x-a" } },
  ),
);

const route = (prefix: string): fc.Arbitrary<object> =>
  fc
    .record({
      action,
      rules,
      tracing: routeTracing,
      named: fc.boolean(),
      hasMetadata: fc.boolean(),
      decorator: fc.option(fc.record({ operation: fc.constantFrom("op", "GET /it"), propagate: fc.boolean() }), { freq: 3 }), // biome-ignore format: a record
    })
    .map((drawn) => ({
      match: { prefix },
      ...drawn.action,
      ...drawn.rules,
      ...(drawn.named && { name: `route ${prefix}` }),
      ...(drawn.hasMetadata && { metadata: metadata(`route ${prefix}`) }),
      ...(drawn.decorator !== null && { decorator: drawn.decorator }),
      ...(drawn.tracing !== undefined && { tracing: drawn.tracing }),
    }));

export const prefixes = ["/r0", "/r1", "/r2", "/r3", "/r4"] as const;

const virtualHosts = fc
  .tuple(fc.tuple(...prefixes.map(route)), rules, rules, fc.boolean())
  .map(([routes, first, second, counts]) => [
    {
      name: "barrier",
      domains: ["barrier.test"],
      routes: [{ match: { prefix: "/" }, route: { cluster: "service" } }],
    },
    {
      name: "odd",
      domains: ["odd.test"],
      routes: routes.toReversed(),
      ...first,
      ...(counts && {
        include_request_attempt_count: true,
        include_attempt_count_in_response: true,
      }),
    },
    { name: "all", domains: ["*"], routes, ...second },
  ]);

/** Takes every request: its line tells that those before it are there. */
const endLog = stdoutLog("E|%REQ(x-fuzz-id)%|", "end");

const manager = fc
  .record({
    virtualHosts,
    tableRules: rules,
    specificWins: fc.constantFrom(undefined, true, false),
    logs: fc.array(accessLog, { maxLength: 3 }),
    localReplyConfig: fc.option(localReplyConfig, { nil: undefined, freq: 2 }),
    tracing,
    useRemoteAddress: fc.boolean(),
    serverHeader: fc.constantFrom(undefined, "APPEND_IF_ABSENT", "PASS_THROUGH"),
    via: fc.option(fc.constant("fuzz"), { nil: undefined, freq: 4 }),
    proxy100: fc.boolean(),
  })
  .map((drawn) =>
    present({
      stat_prefix: "fuzz",
      codec_type: "AUTO",
      use_remote_address: drawn.useRemoteAddress,
      // The requests bring ids of their own, which are the same for both proxies.
      preserve_external_request_id: true,
      server_header_transformation: drawn.serverHeader,
      via: drawn.via,
      route_config: {
        name: "table",
        ...drawn.tableRules,
        ...(drawn.specificWins !== undefined && {
          most_specific_header_mutations_wins: drawn.specificWins,
        }),
        virtual_hosts: drawn.virtualHosts,
      },
      access_log: [...drawn.logs.map((log, at) => log(at)), endLog],
      local_reply_config: drawn.localReplyConfig,
      tracing: drawn.tracing,
      http_filters: [
        {
          name: "envoy.filters.http.health_check",
          typed_config: {
            "@type": `${types}.extensions.filters.http.health_check.v3.HealthCheck`,
            pass_through_mode: false,
            headers: [{ name: ":path", string_match: { exact: "/healthy" } }],
          },
        },
        router(),
      ],
    }),
  );

/** Ports are placeholders. */
export const bootstraps: fc.Arbitrary<object> = manager.map((fields) => ({
  node: { id: "fuzz-node", cluster: "fuzz-cluster" },
  layered_runtime: {
    layers: [
      {
        name: "static",
        static_layer: {
          "tracing.zipkin.min_flush_spans": 1,
          "tracing.opentelemetry.min_flush_spans": 1,
          "fuzz.all": 100,
          "fuzz.none": 0,
          "fuzz.status": 404,
        },
      },
    ],
  },
  static_resources: {
    listeners: [
      {
        name: "main",
        address: address("{{LISTENER_PORT}}"),
        filter_chains: [{ name: "the chain", filters: [connectionManager(fields)] }],
      },
    ],
    clusters: [
      describedCluster("service", "{{UPSTREAM_PORT}}"),
      describedCluster("service2", "{{H2_PORT}}", true),
      describedCluster("dead", "{{DEAD_PORT}}"),
      describedCluster("collector", "{{COLLECTOR_PORT}}"),
    ],
  },
}));
