import { describe, expect, test } from "vitest";
import verdicts from "../../goldens/config-verdicts.json" with { type: "json" };
import type { Bootstrap } from "./bootstrap.ts";
import { decodeBootstrap } from "./decode-bootstrap.ts";
import type { HttpConnectionManager } from "./http-connection-manager.ts";
import { formatProblem, type Problem } from "./problem.ts";

function decode(text: string, configYaml?: string): Bootstrap {
  const decoded = decodeBootstrap(
    { path: "envoy.yaml", text },
    configYaml === undefined ? {} : { configYaml },
  );
  if (!decoded.ok) throw new Error(decoded.problems.map(formatProblem).join("\n"));
  return decoded.bootstrap;
}

function problems(text: string, path = "envoy.yaml"): readonly Problem[] {
  const decoded = decodeBootstrap({ path, text });
  return decoded.ok ? [] : decoded.problems;
}

/** Without what Envoy varies on purpose: blanks, and positions in a JSON text of random key order. */
function comparable(message: string): string {
  return message.replace(/, near \d+:\d+/g, "").replace(/\s/g, "");
}

describe("verdicts and first messages recorded from Envoy 1.40.0", () => {
  test.each(verdicts)("$name", (verdict) => {
    const decoded = decodeBootstrap({ path: "envoy.yaml", text: verdict.yaml });
    expect(decoded.ok).toBe(verdict.ok);
    if (decoded.ok || verdict.message === undefined) return;
    expect(comparable(decoded.problems[0].envoyMessage)).toBe(comparable(verdict.message));
  });
});

function listener(manager: string, rest = ""): string {
  return `
static_resources:
  listeners:
  - address: { socket_address: { address: 0.0.0.0, port_value: 8000 } }
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          http_filters:
          - name: envoy.filters.http.router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
${manager.replace(/^/gm, "          ")}
${rest}`;
}

function managerOf(bootstrap: Bootstrap): HttpConnectionManager {
  const filter = bootstrap.staticResources?.listeners[0]?.filterChains[0]?.filters[0];
  if (filter?.config.type !== "HttpConnectionManager") throw new Error("no connection manager");
  return filter.config;
}

describe("the decoded model", () => {
  test("has camelCase names, milliseconds, plain wrappers and what is there of a oneof", () => {
    const manager = managerOf(
      decode(
        listener(`
stat_prefix: edge
use_remote_address: true
request_timeout: 0.25s
tracing:
  random_sampling: { value: 12.5 }
  custom_tags: [{ tag: who, literal: { value: me } }]
route_config:
  virtual_hosts:
  - name: all
    domains: "*"
    routes:
    - match: { safe_regex: { regex: "/a/[0-9]+" }, headers: [{ name: X-A, string_match: { prefix: b } }] }
      direct_response: { status: 200 }
      request_headers_to_add: [{ header: { key: x-l, value: v }, append: false }]`),
      ),
    );
    expect(manager).toMatchObject({
      type: "HttpConnectionManager",
      statPrefix: "edge",
      useRemoteAddress: true,
      requestTimeoutMs: 250,
      skipXffAppend: false,
      accessLog: [],
      tracing: {
        randomSampling: 12.5,
        verbose: false,
        customTags: [{ tag: "who", literal: { value: "me" } }],
      },
      httpFilters: [
        {
          name: "envoy.filters.http.router",
          typeUrl: "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
          disabled: false,
          config: { type: "Router", startChildSpan: false },
        },
      ],
    });
    expect(manager).not.toHaveProperty("serverName");
    const [host] = manager.routeConfig.virtualHosts;
    expect(host?.domains).toEqual(["*"]);
    expect(host?.routes[0]).toMatchObject({
      match: {
        safeRegex: { regex: "/a/[0-9]+" },
        headers: [{ name: "x-a", stringMatch: { prefix: "b", ignoreCase: false } }],
      },
      directResponse: { status: 200 },
      requestHeadersToAdd: [
        { header: { key: "x-l", value: "v" }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
      ],
    });
    expect(host?.routes[0]).not.toHaveProperty("route");
  });

  test("is the same from camelCase JSON", () => {
    const yaml = "stat_prefix: a\nstream_idle_timeout: 1s\nroute_config: { virtual_hosts: [] }";
    const json = `"statPrefix": a\nstreamIdleTimeout: 1s\nrouteConfig: { virtualHosts: [] }`;
    expect(decode(listener(json))).toEqual(decode(listener(yaml)));
  });

  test("takes a TypedStruct for the message it stands for", () => {
    const bootstrap = decode(`
static_resources:
  clusters:
  - name: a
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/xds.type.v3.TypedStruct
        type_url: type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        value: { explicit_http_config: { http2_protocol_options: {} } }`);
    const [cluster] = bootstrap.staticResources?.clusters ?? [];
    expect(Object.values(cluster?.typedExtensionProtocolOptions ?? {})).toMatchObject([
      { type: "HttpProtocolOptions", explicitHttpConfig: { http2ProtocolOptions: {} } },
    ]);
  });

  test("keeps a Struct as the plain value it is", () => {
    const { node } = decode(
      `node: { id: "1", metadata: { a: [1, "1", on, null, 1.5], b: { c: d } } }`,
    );
    expect(node?.metadata).toEqual({ a: [1, "1", true, null, "1.5"], b: { c: "d" } });
  });

  test("merges --config-yaml over the file", () => {
    const bootstrap = decode(
      'node: { id: "1", cluster: a }\nstatic_resources: { clusters: [{ name: one }] }',
      "node: { cluster: b }\nstaticResources: { clusters: [{ name: two }] }",
    );
    expect(bootstrap.node).toEqual({ id: "1", cluster: "b" });
    expect(bootstrap.staticResources?.clusters.map(({ name }) => name)).toEqual(["one", "two"]);
  });
});

describe("problems", () => {
  test("are all listed, each with file, line, column and path", () => {
    const text = `
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: 99999 } }
    transparent: true
  clusters:
  - name: a
    connect_timout: 1s
    outlier_detection: {}
    type: EDS
`;
    expect(problems(text).map(formatProblem)).toEqual([
      "envoy.yaml:5:5 static_resources.listeners[0].transparent: known to Envoy but not supported here: transparent sockets",
      'envoy.yaml:8:5 static_resources.clusters[0].connect_timout: unknown to Envoy: envoy.config.cluster.v3.Cluster has no field "connect_timout"; did you mean connect_timeout?',
      "envoy.yaml:9:5 static_resources.clusters[0].outlier_detection: known to Envoy but not supported here: outlier detection",
      "envoy.yaml:10:11 static_resources.clusters[0].type: EDS (endpoint discovery, dynamic configuration) is not supported here: allowed are STATIC, STRICT_DNS, LOGICAL_DNS",
      "envoy.yaml:4:66 static_resources.listeners[0].address.socket_address.port_value: value must be less than or equal to 65535, received 99999",
    ]);
  });

  test("name an extension that Envoy has and we have not, and one that nobody has", () => {
    const text = listener("stat_prefix: a\nroute_config: {}")
      .replace("http.router.v3.Router", "http.lua.v3.Lua")
      .concat(`
admin:
  access_log:
  - name: a
    typed_config: { "@type": type.googleapis.com/no.such.Thing }`);
    expect(problems(text).map(({ path, message }) => [path, message.split(";")[0]])).toEqual([
      [
        "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config.@type",
        "known to Envoy but not supported here: Lua (envoy.extensions.filters.http.lua.v3.Lua)",
      ],
      [
        "admin.access_log[0].typed_config.@type",
        "unknown to Envoy: no type is called no.such.Thing",
      ],
    ]);
  });

  test("point into a YAML file that is none", () => {
    expect(problems("a: [1,\nb: }\n")[0]).toMatchObject({ file: "envoy.yaml", line: 2, path: "" });
  });

  test("refuse binary and text protobuf by name", () => {
    expect(problems("", "envoy.pb_text")[0]?.message).toContain(".pb_text files are not supported");
  });

  test.each(["[a]", "hello", "5", '"x"'])("refuse %s, which is no map", (text) => {
    expect(problems(text)).toHaveLength(1);
  });
});
