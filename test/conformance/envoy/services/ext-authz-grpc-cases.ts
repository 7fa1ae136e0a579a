/** Requests about which a service is asked over gRPC. */
import type { CaseFile } from "../rig/recorded-case.ts";
import { cluster, http2Cluster } from "../rig/yaml-configuration.ts";
import { field, framed, header, message, status, struct } from "./check-response.ts";
import {
  after,
  askingGrpc,
  bodyLines,
  hostWith,
  post,
  routeWith,
  traced,
} from "./ext-authz-configuration.ts";

const grpc = [["content-type", "application/grpc"]] as const;

const answer = (body: Buffer, grpcStatus = "0") => ({
  H2_AUTH_PORT: [
    { headers: grpc, body: framed(body), trailers: [["grpc-status", grpcStatus]] as const },
  ],
});

const headers = [
  ["authorization", "Bearer t"],
  ["x-custom", "1"],
  ["x-custom", "2"],
  ["x-old", "old"],
  ["cookie", "a=b"],
] as const;
const get = { path: "/a?b=c&d=e", headers } as const;

const ok = answer(status(0));
const okResponse = (...fields: readonly Buffer[]) =>
  answer(message(status(0), field(3, message(...fields))));
const deniedResponse = (...fields: readonly Buffer[]) =>
  answer(message(status(7), field(2, message(...fields))));

const volatile = [{ match: '"ext_authz_duration":\\d+', as: '"ext_authz_duration":"<ms>"' }];

export const extAuthzGrpcCases: readonly CaseFile[] = [
  {
    name: "authz-grpc-01-ok",
    description: "the service is asked and says yes",
    envoyYaml: askingGrpc({}, traced),
    request: get,
    upstream: ok,
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-02-denied",
    description: "no, and nothing else",
    envoyYaml: askingGrpc({}, traced),
    request: get,
    upstream: answer(status(7)),
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-03-denied-response",
    description: "no, with a response of its own",
    envoyYaml: askingGrpc({}, traced),
    request: get,
    upstream: deniedResponse(
      field(1, field(1, 429)),
      field(2, header("x-reason", "slow")),
      field(2, header("set-cookie", "a=1", { append: true })),
      field(2, header("set-cookie", "b=2", { append: true })),
      field(2, header("Content-Type", "text/html", { action: 2 })),
      field(3, "wait"),
    ),
  },
  {
    name: "authz-grpc-04-ok-response",
    description: "headers are added, set, taken away; the query changes",
    envoyYaml: askingGrpc(),
    request: get,
    upstream: okResponse(
      field(2, header("x-set", "s")),
      field(2, header("x-old", "new")),
      field(2, header("x-custom", "3", { append: true })),
      field(2, header("x-absent", "4", { append: true })),
      field(2, header("x-false", "5", { append: false })),
      field(5, "cookie"),
      field(5, "Host"),
      field(5, ":path"),
      field(6, header("x-for-client", "1")),
      field(6, header("x-for-client", "2", { append: true })),
      field(6, header("server", "auth", { action: 2 })),
      field(7, message(field(1, "b"), field(2, "changed"))),
      field(7, message(field(1, "new"), field(2, "n"))),
      field(8, "d"),
    ),
  },
  {
    name: "authz-grpc-05-append-actions",
    description: "the four ways to add a header, on both sides",
    envoyYaml: askingGrpc(),
    request: get,
    upstream: {
      ...okResponse(
        field(2, header("x-custom", "a0", { action: 0 })),
        field(2, header("x-none", "a0", { action: 0 })),
        field(2, header("x-old", "a1", { action: 1 })),
        field(2, header("x-none1", "a1", { action: 1 })),
        field(2, header("cookie", "a2", { action: 2 })),
        field(2, header("x-none2", "a2", { action: 2 })),
        field(2, header("authorization", "a3", { action: 3 })),
        field(2, header("x-none3", "a3", { action: 3 })),
        field(6, header("x-up", "a0", { action: 0 })),
        field(6, header("x-none", "a0", { action: 0 })),
        field(6, header("x-up1", "a1", { action: 1 })),
        field(6, header("x-none1", "a1", { action: 1 })),
        field(6, header("x-up2", "a2", { action: 2 })),
        field(6, header("x-none2", "a2", { action: 2 })),
        field(6, header("x-up3", "a3", { action: 3 })),
        field(6, header("x-none3", "a3", { action: 3 })),
      ),
      UPSTREAM_PORT: [
        {
          headers: [
            ["x-up", "u"],
            ["x-up1", "u"],
            ["x-up2", "u"],
            ["x-up3", "u"],
          ],
        },
      ],
    },
  },
  {
    name: "authz-grpc-06-dynamic-metadata",
    description: "metadata of the answer",
    envoyYaml: askingGrpc(),
    request: get,
    upstream: answer(message(status(0), field(4, struct({ user: "ann" })))),
  },
  {
    name: "authz-grpc-07-metadata-refused",
    description: "metadata of the answer is not wanted",
    envoyYaml: askingGrpc({ filter: "enable_dynamic_metadata_ingestion: false" }),
    request: get,
    upstream: answer(message(status(7), field(4, struct({ user: "ann" })))),
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-08-error",
    description: "the call fails",
    envoyYaml: askingGrpc({}, traced),
    request: get,
    upstream: {
      H2_AUTH_PORT: [
        { headers: [...grpc, ["grpc-status", "14"], ["grpc-message", "away"]], body: "" },
      ],
    },
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-09-http-error",
    description: "the answer is not even gRPC",
    envoyYaml: askingGrpc({ filter: "status_on_error: { code: 500 }" }, traced),
    request: get,
    upstream: { H2_AUTH_PORT: [{ status: 404, body: "what?" }] },
  },
  {
    name: "authz-grpc-10-timeout",
    description: "the service takes too long",
    envoyYaml: askingGrpc({ timeout: "0.1s" }, traced),
    request: get,
    upstream: { H2_AUTH_PORT: [{ delayMs: 1500 }] },
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-11-refused",
    description: "nobody is there",
    envoyYaml: askingGrpc(
      {},
      {
        ...traced,
        clusters:
          cluster("service", ["UPSTREAM_PORT"]) + cluster("auth", ["DEAD_PORT"], http2Cluster),
      },
    ),
    request: get,
    upstream: {},
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-12-reset",
    description: "the stream is reset",
    envoyYaml: askingGrpc({}, traced),
    request: get,
    upstream: { H2_AUTH_PORT: [{ rst: 2 }] },
  },
  {
    name: "authz-grpc-13-no-message",
    description: "an answer without a message",
    envoyYaml: askingGrpc({}, traced),
    request: get,
    upstream: { H2_AUTH_PORT: [{ headers: grpc, body: "", trailers: [["grpc-status", "0"]] }] },
  },
  {
    name: "authz-grpc-14-malformed",
    description: "a message that cannot be read",
    envoyYaml: askingGrpc({}, traced),
    request: get,
    upstream: answer(Buffer.from([0x0a, 0x7f])),
  },
  {
    name: "authz-grpc-15-failure-mode-allow",
    description: "failures let requests pass",
    envoyYaml: askingGrpc({ filter: "failure_mode_allow: true" }),
    request: get,
    upstream: { H2_AUTH_PORT: [{ status: 503, body: "" }] },
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-16-body",
    description: "the body goes along as text",
    envoyYaml: askingGrpc({ filter: "with_request_body: { max_request_bytes: 100 }" }),
    request: post,
    upstream: ok,
  },
  {
    name: "authz-grpc-17-body-bytes",
    description: "the body goes along as bytes, in part",
    envoyYaml: askingGrpc({
      filter:
        "with_request_body: { max_request_bytes: 4, allow_partial_message: true, pack_as_bytes: true }",
    }),
    request: post,
    upstream: ok,
  },
  {
    name: "authz-grpc-18-raw-headers",
    description: "headers as bytes, each by itself",
    envoyYaml: askingGrpc({ filter: "encode_raw_headers: true" }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-grpc-19-allowed-headers",
    description: "only some headers go along",
    envoyYaml: askingGrpc({
      filter: `allowed_headers: { patterns: [{ prefix: x- }, { exact: ":path" }] }
disallowed_headers: { patterns: [{ exact: x-old }] }`,
    }),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-grpc-20-context",
    description: "extensions of the route and of the virtual host, and the node's labels",
    envoyYaml: askingGrpc(
      { filter: "bootstrap_metadata_labels_key: labels" },
      {
        routes: routeWith("check_settings: { context_extensions: { a: route, b: route } }"),
        virtualHost: hostWith("check_settings: { context_extensions: { b: host, c: host } }"),
        node: "metadata: { labels: { app: front, tier: '1' } }",
      },
    ),
    request: { headers: [["x-envoy-downstream-service-cluster", "caller"]] },
    upstream: ok,
  },
  {
    name: "authz-grpc-21-initial-metadata",
    description: "headers and authority of the call",
    envoyYaml: askingGrpc({
      service: `initial_metadata: [{ key: X-Token, value: "t" }]`,
    }).replace("cluster_name: auth }", "cluster_name: auth, authority: auth.example }"),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-grpc-22-clear-route-cache",
    description: "a header of the answer leads to another route",
    envoyYaml: askingGrpc(
      { filter: "clear_route_cache: true" },
      {
        routes: `- match: { prefix: /, headers: [{ name: x-tier, string_match: { exact: gold } }] }
  name: gold
  route: { cluster: service, prefix_rewrite: /gold }
- match: { prefix: / }
  name: plain
  direct_response: { status: 418 }`,
      },
    ),
    request: get,
    upstream: okResponse(field(2, header("x-tier", "gold"))),
  },
  {
    name: "authz-grpc-23-invalid-mutation",
    description: "a header that is none",
    envoyYaml: askingGrpc({ filter: "validate_mutations: true" }),
    request: get,
    upstream: okResponse(field(2, header("x bad", "1"))),
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-24-http2-client",
    description: "an HTTP/2 client",
    envoyYaml: askingGrpc({}, traced),
    request: { ...get, proto: "h2" },
    upstream: ok,
  },
  {
    name: "authz-grpc-25-error-response",
    description: "the service tells of its own error",
    envoyYaml: askingGrpc({ filter: "status_on_error: { code: 500 }" }, traced),
    request: get,
    upstream: answer(
      message(
        status(13),
        field(
          5,
          message(field(1, field(1, 502)), field(2, header("x-why", "db")), field(3, "sorry")),
        ),
      ),
    ),
    after,
    bodyLines,
  },
  {
    name: "authz-grpc-26-no-timeout",
    description: "without a timeout of its own",
    envoyYaml: askingGrpc().replace(/ *timeout: 2s\n/, ""),
    request: get,
    upstream: ok,
  },
  {
    name: "authz-grpc-27-not-sampled",
    description: "a trace that is not sampled",
    envoyYaml: askingGrpc({}, traced),
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
    name: "authz-grpc-28-route-service",
    description: "a route that asks over HTTP",
    envoyYaml: askingGrpc(
      {},
      {
        routes: routeWith(
          "check_settings: { http_service: { server_uri: { uri: other, cluster: other, timeout: 1s } } }",
        ),
        clusters:
          cluster("service", ["UPSTREAM_PORT"]) +
          cluster("auth", ["H2_AUTH_PORT"], http2Cluster) +
          cluster("other", ["UPSTREAM_OTHER_PORT"]),
      },
    ),
    request: get,
    upstream: { ...ok, UPSTREAM_OTHER_PORT: [{ headers: [], body: "" }] },
  },
].map((file) => ({ ...file, volatile }) as CaseFile);
