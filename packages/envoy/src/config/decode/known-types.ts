/**
 * What Envoy 1.40 knows, whether or not we support it: read out of the descriptors in its release binary (envoy-api.json). It tells a typing
 * mistake from a feature that is missing here.
 */
import api from "./envoy-api.json" with { type: "json" };

export interface KnownField {
  readonly oneof?: string;
}

/** Fields of a message by proto name; undefined where the list has no such message. */
export function knownFields(message: string): Readonly<Record<string, KnownField>> | undefined {
  const listed = messages[message];
  if (listed === undefined) return undefined;
  // "name" or "name oneof".
  return Object.fromEntries(
    listed.map((entry) => {
      const [name = "", oneof] = entry.split(" ");
      return [name, oneof === undefined ? {} : { oneof }];
    }),
  );
}

const messages: Readonly<Record<string, readonly string[]>> = api.messages;
const types: Readonly<Record<string, readonly string[]>> = api.types;

/** Whether Envoy has a top-level message of that full name. */
export function isKnownType(fullName: string): boolean {
  const dot = fullName.lastIndexOf(".");
  const listed = types[fullName.slice(0, dot)];
  return listed?.includes(fullName.slice(dot + 1)) ?? false;
}

/** Names people use, where the package's own says too little. */
const features: Readonly<Record<string, string>> = {
  "envoy.extensions.filters.network.tcp_proxy.v3": "TCP proxy",
  "envoy.extensions.filters.network.redis_proxy.v3": "Redis proxy",
  "envoy.extensions.filters.http.ext_authz.v3": "external authorization (ext_authz)",
  "envoy.extensions.filters.http.lua.v3": "Lua",
  "envoy.extensions.filters.http.wasm.v3": "Wasm",
  "envoy.extensions.filters.http.rbac.v3": "role-based access control (RBAC)",
  "envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3": "gRPC HTTP/1.1 reverse bridge",
  "envoy.extensions.transport_sockets.tls.v3": "TLS contexts",
  "envoy.extensions.access_loggers.grpc.v3": "gRPC access log",
  "envoy.extensions.access_loggers.wasm.v3": "Wasm",
  "envoy.extensions.access_loggers.open_telemetry.v3": "OpenTelemetry access log",
  "envoy.extensions.filters.udp.udp_proxy.v3": "UDP proxy",
};

/** The feature behind an extension's message, such as `http filter compressor`. */
export function featureOf(fullName: string, category: string): string {
  const packageName = fullName.slice(0, fullName.lastIndexOf("."));
  const known = features[packageName];
  if (known !== undefined) return known;
  // Tracers share one package.
  if (packageName === "envoy.config.trace.v3")
    return `${category} ${fullName.slice(packageName.length + 1)}`;
  const parts = packageName.split(".").filter((part) => !/^v\d/.test(part));
  return `${category} ${parts.at(-1) ?? fullName}`;
}
