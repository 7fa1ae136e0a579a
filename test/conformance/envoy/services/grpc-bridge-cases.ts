/** HTTP/1.1 clients of gRPC services. */
import type { CaseFile } from "../rig/recorded-case.ts";
import { cluster, http2Cluster } from "../rig/yaml-configuration.ts";
import { configuration } from "./configuration.ts";

const clusters = cluster("service", ["H2_UPSTREAM_PORT"], http2Cluster);

const bridge = (fields = "") => `- name: envoy.filters.http.grpc_http1_bridge
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_http1_bridge.v3.Config
${fields}`;

const plain = configuration({ filters: bridge(), clusters });
const upgrading = configuration({
  filters: bridge("    upgrade_protobuf_to_grpc: true"),
  clusters,
  routes: `- match: { prefix: /, headers: [{ name: content-type, string_match: { exact: application/grpc } }] }
  route: { cluster: service }
- match: { prefix: / }
  direct_response: { status: 418, body: { inline_string: not grpc } }`,
});

const grpc = [["content-type", "application/grpc"]] as const;
const protobuf = [["content-type", "application/x-protobuf"]] as const;

/** A frame of gRPC: not compressed, length, message. */
const frame = (message: string): string =>
  `\0\0\0\0${String.fromCharCode(message.length)}${message}`;

const answer = (trailers: readonly (readonly [string, string])[], body = frame("reply")) => ({
  H2_UPSTREAM_PORT: [{ headers: grpc, body, trailers }],
});

const call = {
  method: "POST",
  path: "/kv.KV/Get?x=1",
  headers: grpc,
  body: frame("ask"),
} as const;

export const grpcBridgeCases: readonly CaseFile[] = [
  {
    name: "bridge-01-ok",
    description: "trailers become headers, the body gets a length",
    envoyYaml: plain,
    request: call,
    upstream: answer([
      ["grpc-status", "0"],
      ["grpc-message", ""],
      ["x-extra", "1"],
    ]),
  },
  {
    name: "bridge-02-error",
    description: "another status than 0 is a 503",
    envoyYaml: plain,
    request: call,
    upstream: answer([
      ["grpc-status", "5"],
      ["grpc-message", "no%20such key"],
    ]),
  },
  {
    name: "bridge-03-status-is-no-number",
    description: "a status that is no number is a 503",
    envoyYaml: plain,
    request: call,
    upstream: answer([["grpc-status", "fine"]]),
  },
  {
    name: "bridge-04-no-status",
    description: "trailers without a status",
    envoyYaml: plain,
    request: call,
    upstream: answer([["x-other", "1"]]),
  },
  {
    name: "bridge-05-trailers-only",
    description: "the status stands in the headers already",
    envoyYaml: plain,
    request: call,
    upstream: {
      H2_UPSTREAM_PORT: [
        {
          headers: [...grpc, ["grpc-status", "12"], ["grpc-message", "unknown method"]],
          body: "",
        },
      ],
    },
  },
  {
    name: "bridge-06-no-trailers",
    description: "a body that ends without trailers",
    envoyYaml: plain,
    request: call,
    upstream: { H2_UPSTREAM_PORT: [{ headers: grpc, body: frame("reply") }] },
  },
  {
    name: "bridge-07-not-grpc",
    description: "other requests pass as they are",
    envoyYaml: plain,
    request: { ...call, headers: [["content-type", "text/plain"]], body: "ask" },
    upstream: answer([["grpc-status", "5"]], "reply"),
  },
  {
    name: "bridge-08-http2-client",
    description: "an HTTP/2 client can read trailers by itself",
    envoyYaml: plain,
    request: { ...call, proto: "h2" },
    upstream: answer([["grpc-status", "5"]]),
  },
  {
    name: "bridge-09-ignore-query",
    description: "the query is taken off",
    envoyYaml: configuration({
      filters: bridge("    ignore_query_parameters: true"),
      clusters,
    }),
    request: call,
    upstream: answer([["grpc-status", "0"]]),
  },
  {
    name: "bridge-10-upgrade",
    description: "a bare message is framed, its answer unframed; the route is found anew",
    envoyYaml: upgrading,
    request: { ...call, headers: protobuf, body: "ask" },
    upstream: answer([["grpc-status", "0"]]),
  },
  {
    name: "bridge-11-upgrade-error",
    description: "a framed message whose answer is an error without a body",
    envoyYaml: upgrading,
    request: { ...call, headers: protobuf, body: "ask" },
    upstream: answer([["grpc-status", "3"]], ""),
  },
  {
    name: "bridge-12-upgrade-large",
    description: "a message that comes in several pieces",
    envoyYaml: upgrading,
    request: { method: "POST", path: "/kv.KV/Put", headers: protobuf, bodySize: 200_000 },
    upstream: answer([["grpc-status", "0"]]),
  },
  {
    name: "bridge-13-upgrade-http2-client",
    description: "an HTTP/2 client's message gets its content type, but no frame",
    envoyYaml: upgrading,
    request: { ...call, headers: protobuf, body: "ask", proto: "h2" },
    upstream: answer([["grpc-status", "0"]]),
  },
  {
    name: "bridge-14-no-upgrade",
    description: "a bare message without the upgrade stays one",
    envoyYaml: plain,
    request: { ...call, headers: protobuf, body: "ask" },
    upstream: answer([["grpc-status", "0"]]),
  },
  {
    name: "bridge-15-http1-upstream",
    description: "trailers of an HTTP/1.1 upstream that does not send any",
    envoyYaml: configuration({
      filters: bridge(),
      clusters: cluster("service", ["UPSTREAM_PORT"]),
    }),
    request: call,
    upstream: [{ headers: [...grpc, ["grpc-status", "0"]], body: frame("reply") }],
  },
  {
    name: "bridge-16-local-reply",
    description: "the proxy's own answer",
    envoyYaml: configuration({ filters: bridge(), clusters: cluster("service", ["DEAD_PORT"]) }),
    request: call,
    upstream: {},
  },
  {
    name: "bridge-17-disabled-by-route",
    description: "switched off for the route",
    envoyYaml: configuration({
      filters: bridge(),
      clusters,
      routes: `- match: { prefix: / }
  route: { cluster: service }
  typed_per_filter_config:
    envoy.filters.http.grpc_http1_bridge: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }`,
    }),
    request: call,
    upstream: answer([["grpc-status", "5"]]),
  },
  {
    name: "bridge-18-response-too-large",
    description: "an answer larger than what may be kept",
    envoyYaml: configuration({
      filters: bridge(),
      clusters,
      listener: "per_connection_buffer_limit_bytes: 1024",
    }),
    request: call,
    upstream: answer([["grpc-status", "0"]], frame("x".repeat(100)).repeat(40)),
  },
];
