/** Whole configurations for the comparison of routing: a connection manager with any of its options, and clusters of every kind. */
import fc from "fast-check";
import { type Json, type JsonObject, oneIn, rarely, record, sometimes } from "./drawing.ts";
import { filterTypes, httpFilters } from "./filters.ts";
import { routeConfiguration } from "./routes.ts";

const managerOptions: fc.Arbitrary<JsonObject> = record({
  codec_type: rarely(fc.constantFrom("AUTO", "HTTP1")),
  use_remote_address: sometimes(fc.boolean()),
  xff_num_trusted_hops: oneIn(5, fc.constantFrom(0, 1, 2)),
  skip_xff_append: oneIn(5, fc.boolean()),
  append_x_forwarded_port: rarely(fc.boolean()),
  internal_address_config: sometimes(
    fc.constant({
      cidr_ranges: [
        { address_prefix: "127.0.0.0", prefix_len: 8 },
        { address_prefix: "10.0.0.0", prefix_len: 8 },
      ],
    }),
  ),
  add_user_agent: rarely(fc.boolean()),
  via: rarely(fc.constantFrom("1.1 fuzz", "")),
  generate_request_id: sometimes(fc.boolean()),
  preserve_external_request_id: rarely(fc.boolean()),
  always_set_request_id_in_response: rarely(fc.boolean()),
  server_name: rarely(fc.constantFrom("fuzz-server", "")),
  server_header_transformation: sometimes(
    fc.constantFrom("OVERWRITE", "APPEND_IF_ABSENT", "PASS_THROUGH"),
  ),
  max_request_headers_kb: rarely(fc.constantFrom(1, 2, 60)),
  normalize_path: sometimes(fc.boolean()),
  merge_slashes: sometimes(fc.boolean()),
  path_with_escaped_slashes_action: sometimes(
    fc.constantFrom(
      "IMPLEMENTATION_SPECIFIC_DEFAULT",
      "KEEP_UNCHANGED",
      "REJECT_REQUEST",
      "UNESCAPE_AND_REDIRECT",
      "UNESCAPE_AND_FORWARD",
    ),
  ),
  strip_trailing_host_dot: oneIn(4, fc.boolean()),
  common_http_protocol_options: sometimes(
    record({
      headers_with_underscores_action: sometimes(
        fc.constantFrom("ALLOW", "REJECT_REQUEST", "DROP_HEADER"),
      ),
      max_headers_count: rarely(fc.constantFrom(8, 100)),
    }),
  ),
  http_protocol_options: rarely(
    record({
      allow_absolute_url: sometimes(fc.boolean()),
      accept_http_10: sometimes(fc.boolean()),
      default_host_for_http_10: sometimes(fc.constant("old.test")),
    }),
  ),
  upgrade_configs: rarely(
    fc.constantFrom<Json>(
      [{ upgrade_type: "websocket" }],
      [{ upgrade_type: "WebSocket", enabled: false }],
      [{ upgrade_type: "other" }, { upgrade_type: "CONNECT" }],
    ),
  ),
  local_reply_config: sometimes(
    fc.constant({
      body_format: {
        text_format_source: {
          inline_string:
            "%LOCAL_REPLY_BODY% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %RESPONSE_FLAGS% %ROUTE_NAME% %REQ(:path)%\n",
        },
      },
    }),
  ),
});

/** At most one of the two. */
const portStripping: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  {}, {}, {}, { strip_matching_host_port: true }, { strip_any_host_port: true },
); // biome-ignore format: a list

const routerOptions: fc.Arbitrary<JsonObject> = record({
  suppress_envoy_headers: oneIn(5, fc.boolean()),
  respect_expected_rq_timeout: oneIn(5, fc.boolean()),
});

/** Fields of the connection manager. */
export const configurations: fc.Arbitrary<JsonObject> = fc
  .tuple(managerOptions, portStripping, routeConfiguration, httpFilters, routerOptions)
  .map(([options, ports, route_config, filters, router]) => ({
    ...options,
    ...ports,
    route_config,
    http_filters: [...filters, routerFilter(router)],
  }));

function routerFilter(options: JsonObject): Json {
  return {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${filterTypes}.router.v3.Router`, ...options },
  };
}

/** The file around it, with the ports as words in braces. */
export function toBootstrap(manager: JsonObject): JsonObject {
  const connectionManager = {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      stat_prefix: "fuzz",
      ...manager,
    },
  };
  return {
    node: { id: "fuzz-node", cluster: "fuzz-cluster" },
    admin: { address: address("{{ADMIN_PORT}}") },
    layered_runtime: {
      layers: [{ name: "static", static_layer: { "fuzz.all": 100, "fuzz.none": 0 } }],
    },
    static_resources: {
      listeners: [
        {
          name: "main",
          address: address("{{LISTENER_PORT}}"),
          filter_chains: [{ filters: [connectionManager] }],
        },
      ],
      clusters: [
        cluster("alpha", [endpoint("{{ALPHA_PORT}}")]),
        cluster("beta", [endpoint("{{BETA_PORT}}")]),
        cluster("named", [endpoint("{{ALPHA_PORT}}", "endpoint.test")]),
        cluster("gone", [endpoint("{{GONE_PORT}}")]),
        cluster("empty", []),
      ],
    },
  };
}

function cluster(name: string, endpoints: readonly Json[]): JsonObject {
  return {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
  };
}

function endpoint(port: string, hostname?: string): Json {
  return { endpoint: { address: address(port), ...(hostname !== undefined && { hostname }) } };
}

function address(port: string): Json {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

export function toEnvoyYaml(manager: JsonObject): string {
  return toYaml(toBootstrap(manager));
}

/** JSON is YAML. */
export function toYaml(bootstrap: Json): string {
  return JSON.stringify(bootstrap, null, 1).replace(/"(\{\{[A-Z_]+\}\})"/g, "$1");
}
