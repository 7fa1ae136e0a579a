import type { Mesh } from "../model/mesh.ts";
import type { Workload } from "../model/workloads.ts";
import { faultFilter, faultType } from "./fault.ts";
import { extension, given, type JsonObject } from "./json.ts";
import { delimited } from "./names.ts";
import { connectionManagerTracing } from "./tracing.ts";

export type ListenerClass = "gateway" | "outbound" | "inbound";

const managerType =
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** Istio's line, which has the upstream's side as well. */
const accessLogFormat = `${[
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%"',
  "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%",
  '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION%',
  '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%"',
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW%',
  "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%",
  "%REQUESTED_SERVER_NAME% %ROUTE_NAME%",
].join(" ")}\n`;

/** The HTTP side of a listener, with the settings Istio gives each class of listener. */
export function connectionManager(options: {
  readonly mesh: Mesh;
  readonly workload: Workload;
  readonly listener: ListenerClass;
  readonly statPrefix: string;
  readonly routeConfig: JsonObject;
}): JsonObject {
  const { mesh, workload, listener, statPrefix, routeConfig } = options;
  const mode = listener === "inbound" ? "SERVER" : "CLIENT";
  return extension("envoy.filters.network.http_connection_manager", managerType, {
    stat_prefix: delimited(statPrefix),
    route_config: routeConfig,
    http_filters: [
      extension(faultFilter, faultType),
      extension("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router"),
    ],
    ...given("tracing", connectionManagerTracing(mesh, workload, mode)),
    // A sidecar's outbound side answers as plain Envoy.
    ...(listener === "outbound" ? {} : { server_name: "istio-envoy" }),
    stream_idle_timeout: "0s",
    ...given("access_log", accessLogs(mesh.resources.meshConfig.accessLogFile)),
    use_remote_address: listener === "gateway",
    proxy_100_continue: true,
    upgrade_configs: [{ upgrade_type: "websocket" }],
    normalize_path: true,
    path_with_escaped_slashes_action: "KEEP_UNCHANGED",
    request_id_extension: {
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
        use_request_id_for_trace_sampling: true,
      },
    },
  });
}

function accessLogs(path: string | undefined): JsonObject[] {
  if (path === undefined || path === "") return [];
  return [
    extension(
      "envoy.access_loggers.file",
      "envoy.extensions.access_loggers.file.v3.FileAccessLog",
      { path, log_format: { text_format_source: { inline_string: accessLogFormat } } },
    ),
  ];
}
