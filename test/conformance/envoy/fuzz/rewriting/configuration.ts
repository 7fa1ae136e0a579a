/** Random bootstraps that rewrite, log and trace: header rules at every level, logs with filters, local replies, tags. */
import fc from "fast-check";
import { localReplyConfig } from "./local-replies.ts";
import { accessLog } from "./logs.ts";
import { present, rules } from "./rules.ts";
import { routeTracing, tracing } from "./tags.ts";

export const types = "type.googleapis.com/envoy";

/** Bootstraps as trees of JSON; ports are placeholders. */
export type Tree = Readonly<Record<string, unknown>>;

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

const cluster = (name: string, port: string, http2 = false) => ({
  name,
  type: "STATIC",
  connect_timeout: "1s",
  metadata: metadata(`cluster ${name}`),
  ...(http2 && {
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${types}.extensions.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
  }),
  load_assignment: {
    cluster_name: name,
    endpoints: [
      {
        lb_endpoints: [
          {
            endpoint: { address: socketAddress(port), ...(http2 && { hostname: "host.name" }) },
            metadata: metadata("endpoint é"),
          },
        ],
      },
    ],
  },
});

function socketAddress(port: string): unknown {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

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
const endLog = {
  name: "end",
  typed_config: {
    "@type": `${types}.extensions.access_loggers.stream.v3.StdoutAccessLog`,
    log_format: { text_format_source: { inline_string: "E|%REQ(x-fuzz-id)%|\n" } },
  },
};

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
      "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
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
        {
          name: "envoy.filters.http.router",
          typed_config: { "@type": `${types}.extensions.filters.http.router.v3.Router` },
        },
      ],
    }),
  );

export const bootstraps: fc.Arbitrary<Tree> = manager.map((connectionManager) => ({
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
        address: socketAddress("{{LISTENER_PORT}}"),
        filter_chains: [
          {
            name: "the chain",
            filters: [
              {
                name: "envoy.filters.network.http_connection_manager",
                typed_config: connectionManager,
              },
            ],
          },
        ],
      },
    ],
    clusters: [
      cluster("service", "{{UPSTREAM_PORT}}"),
      cluster("service2", "{{H2_PORT}}", true),
      cluster("dead", "{{DEAD_PORT}}"),
      cluster("collector", "{{COLLECTOR_PORT}}"),
    ],
  },
}));

export function toYaml(bootstrap: Tree): string {
  return JSON.stringify(bootstrap).replace(/"(\{\{[A-Z0-9_]+\}\})"/g, "$1");
}
