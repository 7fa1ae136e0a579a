/** Whole configurations for the comparison of routing: a connection manager with any of its options, and clusters of every kind. */
import fc from "fast-check";
import {
  address,
  cluster,
  clusterOf,
  httpListener,
  router,
  toYaml,
} from "../../rig/configuration-parts.ts";
import { type Json, type JsonObject, oneIn, rarely, record, sometimes } from "./drawing.ts";
import { httpFilters } from "./filters.ts";
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
  .map(([manager, ports, route_config, filters, options]) => ({
    ...manager,
    ...ports,
    route_config,
    http_filters: [...filters, router(options) as JsonObject],
  }));

/** The file around it, with the ports as words in braces. */
export function toBootstrap(manager: JsonObject): JsonObject {
  const bootstrap: object = {
    node: { id: "fuzz-node", cluster: "fuzz-cluster" },
    admin: { address: address("{{ADMIN_PORT}}") },
    layered_runtime: {
      layers: [{ name: "static", static_layer: { "fuzz.all": 100, "fuzz.none": 0 } }],
    },
    static_resources: {
      listeners: [httpListener("main", "{{LISTENER_PORT}}", { stat_prefix: "fuzz", ...manager })],
      clusters: [
        cluster("alpha", "{{ALPHA_PORT}}"),
        cluster("beta", "{{BETA_PORT}}"),
        clusterOf("named", [
          { endpoint: { address: address("{{ALPHA_PORT}}"), hostname: "endpoint.test" } },
        ]),
        cluster("gone", "{{GONE_PORT}}"),
        clusterOf("empty", []),
      ],
    },
  };
  return bootstrap as JsonObject;
}

export function toEnvoyYaml(manager: JsonObject): string {
  return toYaml(toBootstrap(manager));
}
