/** Configurations in which an authorization service is asked about requests. */
import type { CaseRequest } from "../rig/recorded-case.ts";
import { cluster, http2Cluster, indent } from "../rig/yaml-configuration.ts";
import { type Configuration, configuration } from "./configuration.ts";

const perRoute = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";

export interface Asking {
  /** Further fields of the service and of ExtAuthz. */
  readonly service?: string;
  readonly filter?: string;
  readonly timeout?: string;
}

/** The service that is asked over HTTP/1.1. */
export function askingHttp(
  { service = "", filter = "", timeout = "2s" }: Asking = {},
  rest: Partial<Configuration> = {},
): string {
  return configured(
    `http_service:
  server_uri: { uri: "http://auth.test:9000/ignored", cluster: auth, timeout: ${timeout} }
${indent(service, 2)}
${filter}`,
    cluster("auth", ["UPSTREAM_AUTH_PORT"]),
    rest,
  );
}

/** The service that is asked over gRPC. */
export function askingGrpc(
  { service = "", filter = "", timeout = "2s" }: Asking = {},
  rest: Partial<Configuration> = {},
): string {
  return configured(
    `grpc_service:
  envoy_grpc: { cluster_name: auth }
  timeout: ${timeout}
${indent(service, 2)}
${filter}`,
    cluster("auth", ["H2_AUTH_PORT"], http2Cluster),
    rest,
  );
}

function configured(fields: string, auth: string, rest: Partial<Configuration>): string {
  const { clusters = cluster("service", ["UPSTREAM_PORT"]) + auth, ...others } = rest;
  return configuration({
    filters: `- name: envoy.filters.http.ext_authz
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
${indent(fields, 4)}`,
    manager: logged,
    clusters,
    ...others,
  });
}

const logged = `access_log:
- name: envoy.access_loggers.stdout
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
    log_format:
      text_format_source:
        inline_string: "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %ROUTE_NAME% %UPSTREAM_CLUSTER% %DYNAMIC_METADATA(envoy.filters.http.ext_authz)%\\n"
`;

/** A route that takes everything to `service`, with settings of its own for the filter. */
export function routeWith(fields: string): string {
  return `- match: { prefix: / }
  route: { cluster: service }
  typed_per_filter_config:
    envoy.filters.http.ext_authz:
      "@type": ${perRoute}
${indent(fields, 6)}`;
}

/** As part of a virtual host. */
export function hostWith(fields: string): string {
  return `typed_per_filter_config:
  envoy.filters.http.ext_authz:
    "@type": ${perRoute}
${indent(fields, 4)}`;
}

export const traced: Partial<Configuration> = { tracing: "" };

export const post: CaseRequest = {
  method: "POST",
  path: "/p",
  headers: [["content-type", "text/plain"]],
  body: "the body",
};

/** What is asked afterwards, and which lines of the answer count. */
export const after: readonly CaseRequest[] = [
  {
    to: "ADMIN_PORT",
    path: "/stats?filter=^(http\\.ingress_http\\.ext_authz|cluster\\.service\\.ext_authz|cluster\\.(service|auth)\\.(internal\\.|external\\.)?upstream_rq_(\\d\\d\\d|total|completed|timeout))",
  },
];
export const bodyLines: Readonly<Record<number, string>> = { 1: "ext_authz|upstream" };
