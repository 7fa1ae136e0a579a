import { namespaceOf } from "../kinds/resource.ts";
import type { VirtualService } from "../kinds/virtual-service.ts";
import { clusterDomain, expandHost, hostMatches, hostRank } from "../model/hosts.ts";
import { type Mesh, visibleServices } from "../model/mesh.ts";
import { compare, type MeshPort, type MeshService } from "../model/services.ts";
import { visibleFrom } from "../model/visibility.ts";
import type { Workload } from "../model/workloads.ts";
import type { JsonObject } from "./json.ts";
import { outboundCluster, passthroughCluster } from "./names.ts";
import { retryPolicy } from "./retry-policy.ts";
import { routesOf } from "./routes.ts";

/**
 * Every HTTP port's route table in one. Istio has a table for each port and iptables finds it by the connection's port; a
 * proxy that is asked for `http://reviews:9080/` finds the same table by the authority's port, so domains carry it.
 */
export function outboundRoutes(mesh: Mesh, workload: Workload): JsonObject {
  const services = visibleServices(mesh, workload.namespace);
  const ports = services.flatMap((service) =>
    service.ports.filter(({ protocol }) => protocol !== "tcp").map(({ port }) => port),
  );
  const distinct = [...new Set(ports)].sort((a, b) => a - b);
  const rules = meshRules(mesh, workload);
  const hosts = distinct.flatMap((port) => portHosts(mesh, workload, services, rules, port));
  return {
    name: distinct.join(","),
    virtual_hosts: [...withUniqueDomains(hosts), catchAll(mesh)],
    validate_clusters: false,
    max_direct_response_body_size_bytes: 1048576,
  };
}

/** Envoy refuses a domain that two virtual hosts claim: it belongs to the one named after it, else to the first. */
function withUniqueDomains(hosts: readonly JsonObject[]): JsonObject[] {
  const names = new Set(hosts.map(({ name }) => String(name)));
  const taken = new Set<string>();
  return hosts.flatMap((host) => {
    const domains = (host["domains"] as readonly string[]).filter((domain) => {
      const whole = domain.includes(":") ? domain : `${domain}:80`;
      if (taken.has(domain) || (whole !== host["name"] && names.has(whole))) return false;
      taken.add(domain);
      return true;
    });
    return domains.length === 0 ? [] : [{ ...host, domains }];
  });
}

interface HostRule {
  readonly host: string;
  readonly virtualService: VirtualService;
}

/** The hosts of the VirtualServices that hold inside the mesh. For one host only the oldest counts. */
function meshRules(mesh: Mesh, workload: Workload): HostRule[] {
  const rules = new Map<string, HostRule>();
  for (const virtualService of mesh.virtualServices) {
    const { gateways = [], hosts = [], exportTo } = virtualService.spec;
    const namespace = namespaceOf(virtualService);
    if (gateways.length > 0 && !gateways.includes("mesh")) continue;
    if (!visibleFrom(exportTo, namespace, workload.namespace)) continue;
    for (const name of hosts) {
      const host = expandHost(name, namespace);
      if (!rules.has(host)) rules.set(host, { host, virtualService });
    }
  }
  return [...rules.values()].sort((a, b) => hostRank(b.host) - hostRank(a.host));
}

function portHosts(
  mesh: Mesh,
  workload: Workload,
  services: readonly MeshService[],
  rules: readonly HostRule[],
  port: number,
): JsonObject[] {
  const found: { host: string; rendered: JsonObject }[] = [];
  const routesFor = (virtualService: VirtualService) =>
    routesOf(virtualService, { mesh, workload, gateways: new Set(["mesh"]), listenPort: port });
  for (const service of services) {
    const served = service.ports.find((item) => item.port === port && item.protocol !== "tcp");
    if (served === undefined) continue;
    const rule = rules.find(({ host }) => hostMatches(host, service.host));
    const routes = rule === undefined ? [] : routesFor(rule.virtualService);
    // A VirtualService whose rules are all for other proxies leaves the service as it is.
    const effective = routes.length > 0 ? routes : [defaultRoute(mesh, service, served)];
    const names = serviceDomains(service, workload);
    found.push({ host: service.host, rendered: virtualHost(service.host, port, names, effective) });
  }
  // Rules for hosts without such a port still stand in the table, as in Istio's.
  const served = new Set(found.map(({ host }) => host));
  for (const { host, virtualService } of rules) {
    if (served.has(host) || host === "*") continue;
    if (host.startsWith("*") && found.some((item) => hostMatches(host, item.host))) continue;
    const routes = routesFor(virtualService);
    if (routes.length === 0) continue;
    const names = hostDomains(host, workload.namespace);
    found.push({ host, rendered: virtualHost(host, port, names, routes) });
  }
  return found.sort((a, b) => compare(a.host, b.host)).map(({ rendered }) => rendered);
}

function virtualHost(
  host: string,
  port: number,
  names: readonly string[],
  routes: readonly JsonObject[],
): JsonObject {
  // Without a port an authority means port 80.
  const domains = port === 80 ? names.flatMap((name) => [name, `${name}:80`]) : [];
  return {
    name: `${host}:${port}`,
    domains: port === 80 ? domains : names.map((name) => `${name}:${port}`),
    routes,
    include_request_attempt_count: true,
  };
}

/** The names a caller in the workload's namespace may use, in Istio's order. */
export function serviceDomains(service: MeshService, workload: Workload): string[] {
  const ip = service.clusterIp === undefined ? [] : [service.clusterIp];
  return [...hostDomains(service.host, workload.namespace), ...ip];
}

function hostDomains(host: string, namespace: string): string[] {
  const whole = host.startsWith("*") ? [host] : [host, `${host}.`];
  const suffix = `.svc.${clusterDomain}`;
  if (!host.endsWith(suffix) || host.startsWith("*")) return whole;
  const local = host.slice(0, -suffix.length);
  const [name = "", ownNamespace] = local.split(".");
  if (ownNamespace === namespace) return [...whole, name, `${local}.svc`, local];
  return [...whole, local, `${local}.svc`];
}

function defaultRoute(mesh: Mesh, service: MeshService, port: MeshPort): JsonObject {
  const retry = retryPolicy(undefined, mesh.resources.meshConfig.defaultHttpRetryPolicy);
  return {
    name: "default",
    match: { prefix: "/" },
    route: {
      cluster: outboundCluster(port.port, "", service.host),
      timeout: "0s",
      ...(retry === undefined ? {} : { retry_policy: retry }),
      max_grpc_timeout: "0s",
    },
    decorator: { operation: `${service.host}:${port.port}/*` },
  };
}

/** What happens to a host that nobody in the mesh has. */
function catchAll(mesh: Mesh): JsonObject {
  const closed = mesh.resources.meshConfig.outboundTrafficPolicy?.mode === "REGISTRY_ONLY";
  const name = closed ? "block_all" : "allow_any";
  const action = closed
    ? { direct_response: { status: 502 } }
    : {
        route: {
          cluster: passthroughCluster,
          timeout: "0s",
          max_grpc_timeout: "0s",
        },
      };
  return {
    name,
    domains: ["*"],
    routes: [{ name, match: { prefix: "/" }, ...action }],
    include_request_attempt_count: true,
  };
}
