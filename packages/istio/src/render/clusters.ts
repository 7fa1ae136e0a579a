import { writeDuration } from "../decode/scalars.ts";
import type { ConnectionPool, TrafficPolicy } from "../kinds/destination-rule.ts";
import { namespaceOf } from "../kinds/resource.ts";
import { type Endpoint, endpointsOf, type Hosts, isAddress } from "../model/endpoints.ts";
import { applicationPort, type InboundPort } from "../model/local-ports.ts";
import { type AppliedRule, destinationRuleFor, type Mesh, visibleServices } from "../model/mesh.ts";
import type { MeshPort, MeshService } from "../model/services.ts";
import type { Workload } from "../model/workloads.ts";
import { any, given, type JsonObject, socketAddress } from "./json.ts";
import { configPath, delimited, inboundCluster, outboundCluster } from "./names.ts";

const noLimit = 4294967295;
const httpOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** One cluster for each service port, followed by its subsets in the order of the DestinationRule. */
export function outboundClusters(mesh: Mesh, workload: Workload, hosts: Hosts): JsonObject[] {
  return visibleServices(mesh, workload.namespace).flatMap((service) => {
    const rule = destinationRuleFor(mesh, service, workload.namespace);
    return service.ports.flatMap((port) => {
      const base = portPolicy(rule?.trafficPolicy, port.port);
      const whole = endpointsOf(mesh, service, port, {}, hosts);
      const subsets = (rule?.subsets ?? []).map((subset) =>
        outbound(service, port, rule, subset.name, {
          policy: overlay(base, portPolicy(subset.trafficPolicy, port.port)),
          endpoints: endpointsOf(mesh, service, port, subset.labels ?? {}, hosts),
        }),
      );
      return [outbound(service, port, rule, "", { policy: base, endpoints: whole }), ...subsets];
    });
  });
}

type Policy = Omit<TrafficPolicy, "portLevelSettings">;

/** Settings for one port replace the general ones altogether, as Istio documents it. */
function portPolicy(policy: TrafficPolicy | undefined, port: number): Policy {
  const own = policy?.portLevelSettings?.find((item) => item.port.number === port);
  return own ?? policy ?? {};
}

function overlay(base: Policy, subset: Policy): Policy {
  return { ...base, ...subset };
}

function outbound(
  service: MeshService,
  port: MeshPort,
  rule: AppliedRule | undefined,
  subset: string,
  { policy, endpoints }: { readonly policy: Policy; readonly endpoints: readonly Endpoint[] },
): JsonObject {
  const name = outboundCluster(port.port, subset, service.host);
  const { host, name: serviceName, namespace } = service;
  const istio: JsonObject = {
    ...(rule === undefined
      ? {}
      : {
          config: configPath("destination-rule", namespaceOf(rule.rule), rule.rule.metadata.name),
        }),
    services: [{ host, name: serviceName, namespace }],
    ...(subset === "" ? {} : { subset }),
  };
  const timeoutMs = policy.connectionPool?.tcp?.connectTimeout ?? 10_000;
  return {
    name,
    alt_stat_name: delimited(name),
    ...discovery(name, service, endpoints),
    connect_timeout: writeDuration(timeoutMs),
    ...given("lb_policy", lbPolicy(policy)),
    circuit_breakers: thresholds(policy.connectionPool),
    ...given("typed_extension_protocol_options", protocolOptions(port, policy.connectionPool)),
    metadata: { filter_metadata: { istio } },
  };
}

/** ROUND_ROBIN is Envoy's own default, so Istio leaves it out. */
function lbPolicy({ loadBalancer }: Policy): string | undefined {
  switch (loadBalancer?.simple) {
    case "ROUND_ROBIN":
      return undefined;
    case "RANDOM":
      return "RANDOM";
    default:
      return "LEAST_REQUEST";
  }
}

/** A control plane hands out endpoints over EDS; in a file they stand in the cluster itself. */
function discovery(name: string, service: MeshService, endpoints: readonly Endpoint[]): JsonObject {
  const external = service.entry?.spec.resolution === "DNS";
  const byName = external || endpoints.some(({ address }) => !isAddress(address));
  const lbEndpoints = endpoints.map(({ address, port, weight }) => ({
    endpoint: { address: socketAddress(address, port) },
    ...given("load_balancing_weight", weight),
  }));
  return {
    type: byName ? "STRICT_DNS" : "STATIC",
    ...(byName ? { dns_lookup_family: "V4_ONLY" } : {}),
    ...(external ? { dns_refresh_rate: "60s", respect_dns_ttl: true } : {}),
    load_assignment: {
      cluster_name: name,
      ...(lbEndpoints.length === 0 ? {} : { endpoints: [{ lb_endpoints: lbEndpoints }] }),
    },
  };
}

function thresholds(pool: ConnectionPool | undefined): JsonObject {
  const limits = {
    max_connections: pool?.tcp?.maxConnections ?? noLimit,
    max_pending_requests: pool?.http?.http1MaxPendingRequests ?? noLimit,
    max_requests: pool?.http?.http2MaxRequests ?? noLimit,
    max_retries: pool?.http?.maxRetries ?? noLimit,
  };
  return { thresholds: [limits] };
}

function protocolOptions(port: MeshPort, pool: ConnectionPool | undefined): JsonObject | undefined {
  const idle = pool?.http?.idleTimeout;
  const perConnection = pool?.http?.maxRequestsPerConnection;
  const http2 = port.protocol === "http2";
  if (!http2 && idle === undefined && perConnection === undefined) return undefined;
  const common: JsonObject = {
    ...(idle === undefined ? {} : { idle_timeout: writeDuration(idle) }),
    ...given("max_requests_per_connection", perConnection),
  };
  const protocol = http2 ? { http2_protocol_options: {} } : { http_protocol_options: {} };
  const options = any(httpOptions, {
    ...(Object.keys(common).length === 0 ? {} : { common_http_protocol_options: common }),
    explicit_http_config: protocol,
  });
  return { [httpOptions]: options };
}

/** The application beside the proxy. Istio reaches it through the connection's original destination; here it is named. */
export function inboundClusterOf(workload: Workload, inbound: InboundPort): JsonObject {
  const { service, port, targetPort } = inbound;
  const name = inboundCluster(targetPort);
  const { host, name: serviceName, namespace } = service;
  const address = socketAddress("127.0.0.1", applicationPort(workload, targetPort));
  return {
    name,
    alt_stat_name: delimited(name),
    type: "STATIC",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
    connect_timeout: "10s",
    circuit_breakers: thresholds(undefined),
    ...given("typed_extension_protocol_options", protocolOptions(port, undefined)),
    metadata: {
      filter_metadata: { istio: { services: [{ host, name: serviceName, namespace }] } },
    },
  };
}

/** No endpoints: `BlackHoleCluster`, and `PassthroughCluster` where there is no original destination to go to. */
export function emptyCluster(name: string): JsonObject {
  return {
    name,
    alt_stat_name: delimited(name),
    type: "STATIC",
    load_assignment: { cluster_name: name },
    connect_timeout: "10s",
  };
}

/** The collector of tracing by MeshConfig alone. */
export function collectorClusterOf(name: string, address: string): JsonObject {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  const endpoint = { address: socketAddress(host, Number(port)) };
  return {
    name,
    type: isAddress(host) ? "STATIC" : "STRICT_DNS",
    ...(isAddress(host) ? {} : { dns_lookup_family: "V4_ONLY" }),
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    connect_timeout: "1s",
  };
}
