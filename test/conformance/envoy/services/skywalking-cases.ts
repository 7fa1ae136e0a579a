/** Requests traced for SkyWalking: the sw8 header in and out, and the segments that are reported. */
import type { CaseFile } from "../rig/recorded-case.ts";
import { cluster, http2Cluster, indent } from "../rig/yaml-configuration.ts";
import { type Configuration, configuration } from "./configuration.ts";

interface SkyWalking extends Partial<Configuration> {
  /** Fields of SkyWalkingConfig.client_config. */
  readonly client?: string;
  /** Further fields of the connection manager's tracing. */
  readonly traced?: string;
}

function reporting({
  client = "service_name: shop, instance_name: shop-1",
  traced = "",
  clusters = "",
  ...rest
}: SkyWalking = {}): string {
  return configuration({
    manager: `tracing:
  provider:
    name: envoy.tracers.skywalking
    typed_config:
      "@type": type.googleapis.com/envoy.config.trace.v3.SkyWalkingConfig
      grpc_service: { envoy_grpc: { cluster_name: skywalking }, timeout: 0.25s }
      client_config: { ${client} }
${indent(traced, 2)}
`,
    clusters: `${cluster("service", ["UPSTREAM_PORT"])}${clusters}${cluster("skywalking", ["H2_SKYWALKING_PORT"], http2Cluster)}`,
    ...rest,
  });
}

const childSpan = "start_child_span: true";
const upstream = { H2_SKYWALKING_PORT: [{ noReply: true }] } as const;
const sw8 = (fields: readonly string[]) =>
  fields
    .map((field, at) => (at === 0 || at === 3 ? field : Buffer.from(field).toString("base64")))
    .join("-");
const incoming = sw8([
  "1",
  "trace-1",
  "segment-1",
  "3",
  "caller",
  "caller-1",
  "/endpoint",
  "10.0.0.1:80",
]);

const get = { path: "/a?b=c", headers: [["user-agent", "curl/8"]] } as const;
const settled = { settleMs: 300, upstream } as const;

export const skywalkingCases: readonly CaseFile[] = [
  {
    name: "skywalking-01-inbound",
    description: "a request without a trace",
    envoyYaml: reporting(),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-02-inbound-child",
    description: "with a span for the attempt",
    envoyYaml: reporting({ router: childSpan }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-03-outbound",
    description: "outbound",
    envoyYaml: reporting({ direction: "OUTBOUND" }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-04-outbound-child",
    description: "outbound, with a span for the attempt",
    envoyYaml: reporting({ direction: "OUTBOUND", router: childSpan }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-05-sw8-in",
    description: "the caller's trace",
    envoyYaml: reporting({ router: childSpan }),
    request: { ...get, headers: [["sw8", incoming]] },
    ...settled,
  },
  {
    name: "skywalking-06-sw8-in-no-child",
    description: "the caller's trace, without a span for the attempt",
    envoyYaml: reporting(),
    request: { ...get, headers: [["sw8", incoming]] },
    ...settled,
  },
  {
    name: "skywalking-07-sw8-malformed",
    description: "a header that is none",
    envoyYaml: reporting({ router: childSpan }),
    request: { ...get, headers: [["sw8", "1-abc"]] },
    ...settled,
  },
  {
    name: "skywalking-08-sw8-not-sampled",
    description: "a caller that does not sample",
    envoyYaml: reporting({ router: childSpan }),
    request: { ...get, headers: [["sw8", `0${incoming.slice(1)}`]] },
    ...settled,
  },
  {
    name: "skywalking-09-not-sampled",
    description: "a request that is not traced",
    envoyYaml: reporting({ router: childSpan, traced: "random_sampling: { value: 0 }" }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-10-error",
    description: "the upstream fails",
    envoyYaml: reporting({ router: childSpan }),
    request: get,
    settleMs: 300,
    upstream: { ...upstream, UPSTREAM_PORT: [{ status: 503 }] },
  },
  {
    name: "skywalking-11-refused",
    description: "the upstream is not there",
    envoyYaml: reporting({
      router: childSpan,
      routes: "- { match: { prefix: / }, route: { cluster: dead } }",
      clusters: cluster("dead", ["DEAD_PORT"]),
    }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-12-retry",
    description: "a second attempt",
    envoyYaml: reporting({
      router: childSpan,
      routes:
        "- { match: { prefix: / }, route: { cluster: service, retry_policy: { retry_on: 5xx, num_retries: 1 } } }",
    }),
    request: get,
    settleMs: 300,
    upstream: { ...upstream, UPSTREAM_PORT: [{ status: 503 }, {}] },
    ignoreRequestHeaders: ["x-envoy-expected-rq-timeout-ms"],
  },
  {
    name: "skywalking-13-decorator",
    description: "the route names the operation",
    envoyYaml: reporting({
      router: childSpan,
      routes:
        "- { match: { prefix: / }, route: { cluster: service }, decorator: { operation: getA } }",
    }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-14-no-names",
    description: "names out of the node",
    envoyYaml: reporting({ client: "" }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-15-token",
    description: "a token for the collector",
    envoyYaml: reporting({ client: "service_name: s, backend_token: secret" }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-16-spawn",
    description: "spawn_upstream_span, verbose, custom tags",
    envoyYaml: reporting({
      traced:
        "spawn_upstream_span: true\nverbose: true\ncustom_tags: [{ tag: t, literal: { value: v } }]",
    }),
    request: get,
    ...settled,
  },
  {
    name: "skywalking-17-outbound-sw8-in",
    description: "outbound, with the caller's trace",
    envoyYaml: reporting({ direction: "OUTBOUND", router: childSpan }),
    request: { ...get, headers: [["sw8", incoming]] },
    ...settled,
  },
  {
    name: "skywalking-18-direct-response",
    description: "no upstream",
    envoyYaml: reporting({
      router: childSpan,
      routes:
        "- { match: { prefix: / }, direct_response: { status: 404, body: { inline_string: none } } }",
    }),
    request: { method: "POST", path: "/p", body: "x" },
    ...settled,
  },
  {
    name: "skywalking-19-two",
    description: "two requests on one stream, and the statistics",
    envoyYaml: reporting(),
    requests: [get, get],
    ...settled,
    after: [{ to: "ADMIN_PORT", path: "/stats?filter=tracing" }],
  },
  {
    name: "skywalking-20-empty-sw8",
    description: "an empty header",
    envoyYaml: reporting({ router: childSpan }),
    request: { ...get, headers: [["sw8", ""]] },
    ...settled,
  },
  {
    name: "skywalking-21-sw8-in-not-sampled",
    description: "the caller's trace where nothing is sampled",
    envoyYaml: reporting({ router: childSpan, traced: "random_sampling: { value: 0 }" }),
    request: { ...get, headers: [["sw8", incoming]] },
    ...settled,
  },
  {
    name: "skywalking-22-sw8-malformed-not-sampled",
    description: "a header that is none where nothing is sampled",
    envoyYaml: reporting({ router: childSpan, traced: "random_sampling: { value: 0 }" }),
    request: { ...get, headers: [["sw8", "2-YQ==-YQ==-1-YQ==-YQ==-YQ==-YQ=="]] },
    ...settled,
  },
  {
    name: "skywalking-23-sw8-odd",
    description: "fields that are not base64, a sampling flag that is none",
    envoyYaml: reporting({ router: childSpan }),
    requests: [
      { ...get, headers: [["sw8", "2-YQ==-YQ==-1-YQ==-YQ==-YQ==-YQ=="]] },
      { ...get, headers: [["sw8", "1-YQ-YQ-1-YQ-YQ-YQ-YQ"]] },
      { ...get, headers: [["sw8", "1-YQ==-YQ==-x-YQ==-YQ==-YQ==-YQ=="]] },
      { ...get, headers: [["sw8", "1-YQ==-YQ==-1----!"]] },
    ],
    ...settled,
  },
];
