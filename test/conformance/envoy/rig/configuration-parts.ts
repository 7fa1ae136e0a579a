/** Parts that many configurations have alike, as trees of JSON, which is YAML. */

export const types = "type.googleapis.com/envoy";

/** A number, or a word in braces that `toYaml` leaves open. */
export type Port = number | string;

export function address(port_value: Port): object {
  return { socket_address: { address: "127.0.0.1", port_value } };
}

/** With the filter chain that its fields make: one connection manager. `fields`: further ones of the listener. */
export function httpListener(name: string, port: Port, manager: object, fields?: object): object {
  return {
    name,
    address: address(port),
    ...fields,
    filter_chains: [{ filters: [connectionManager(manager)] }],
  };
}

export function connectionManager(fields: object): object {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      ...fields,
    },
  };
}

/** A route configuration of one virtual host, for every host. */
export function routesOfAll(routes: readonly object[]): object {
  return { name: "all", virtual_hosts: [{ name: "all", domains: ["*"], routes }] };
}

export function router(fields?: object): object {
  return {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${types}.extensions.filters.http.router.v3.Router`, ...fields },
  };
}

export function stdoutLog(line: string, name = "envoy.access_loggers.stdout"): object {
  return {
    name,
    typed_config: {
      "@type": `${types}.extensions.access_loggers.stream.v3.StdoutAccessLog`,
      log_format: { text_format_source: { inline_string: `${line}\n` } },
    },
  };
}

/** For `tracing`; reports go to that cluster. */
export function zipkinProvider(collector_cluster: string, fields?: object): object {
  return {
    name: "envoy.tracers.zipkin",
    typed_config: {
      "@type": `${types}.config.trace.v3.ZipkinConfig`,
      collector_cluster,
      collector_endpoint: "/api/v2/spans",
      collector_endpoint_version: "HTTP_JSON",
      ...fields,
    },
  };
}

/** With one endpoint. */
export function cluster(name: string, port: Port, fields?: object): object {
  return clusterOf(name, [{ endpoint: { address: address(port) } }], fields);
}

export function clusterOf(name: string, lb_endpoints: readonly object[], fields?: object): object {
  return {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    ...fields,
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints }] },
  };
}

/** What a cluster speaks, as one of its fields. */
export function upstreamProtocol(explicit_http_config: object): object {
  const name = "extensions.upstreams.http.v3.HttpProtocolOptions";
  return {
    typed_extension_protocol_options: {
      [`envoy.${name}`]: { "@type": `${types}.${name}`, explicit_http_config },
    },
  };
}

/** With ports as words in braces. */
export function toYaml(tree: unknown): string {
  return JSON.stringify(tree, null, 1).replace(/"(\{\{[A-Z0-9_]+\}\})"/g, "$1");
}
