import type { Gateway, GatewayServer } from "../kinds/gateway.ts";
import { namespaceOf, qualifiedName } from "../kinds/resource.ts";
import type { VirtualService } from "../kinds/virtual-service.ts";
import { expandHost, hostsOverlap, narrowerHost } from "../model/hosts.ts";
import { selectsWorkload, targetPortOf } from "../model/local-ports.ts";
import type { Mesh } from "../model/mesh.ts";
import { compare } from "../model/services.ts";
import { selects, visibleFrom } from "../model/visibility.ts";
import type { Workload } from "../model/workloads.ts";
import type { JsonObject } from "./json.ts";
import { isCatchAll } from "./route-match.ts";
import { gatewayName, routesOf } from "./routes.ts";

/** The servers that share one port of a gateway workload. */
export interface GatewayPort {
  readonly listenPort: number;
  readonly servers: readonly { readonly gateway: Gateway; readonly server: GatewayServer }[];
}

export function gatewaysOf(mesh: Mesh, workload: Workload): Gateway[] {
  return mesh.resources.gateways.filter(({ spec }) =>
    selects(spec.selector ?? {}, workload.labels),
  );
}

/** A server's port is its gateway Service's; the listener is bound to the target port behind it. */
export function listenPortOf(mesh: Mesh, workload: Workload, number: number): number {
  for (const service of mesh.services) {
    if (!selectsWorkload(service, workload)) continue;
    const port = service.ports.find((item) => item.port === number);
    const target = port === undefined ? undefined : targetPortOf(workload, port);
    if (target !== undefined) return target;
  }
  return number;
}

export function gatewayPorts(mesh: Mesh, workload: Workload): GatewayPort[] {
  const ports = new Map<number, { gateway: Gateway; server: GatewayServer }[]>();
  for (const gateway of gatewaysOf(mesh, workload)) {
    for (const server of gateway.spec.servers) {
      const port = listenPortOf(mesh, workload, server.port.number);
      ports.set(port, [...(ports.get(port) ?? []), { gateway, server }]);
    }
  }
  return [...ports]
    .map(([listenPort, servers]) => ({ listenPort, servers }))
    .sort((a, b) => a.listenPort - b.listenPort);
}

interface HostRoutes {
  readonly host: string;
  readonly serverPort: number;
  readonly routes: JsonObject[];
}

export function gatewayRoutes(mesh: Mesh, workload: Workload, port: GatewayPort): JsonObject {
  const hosts = new Map<string, HostRoutes>();
  for (const { gateway, server } of port.servers) {
    const serverPort = server.port.number;
    const gateways = new Set([qualifiedName(gateway)]);
    for (const virtualService of mesh.virtualServices) {
      if (!isBound(virtualService, gateways)) continue;
      const common = commonHosts(virtualService, gateway, server);
      if (common.length === 0) continue;
      const routes = routesOf(virtualService, { mesh, workload, gateways, listenPort: serverPort });
      for (const host of common) {
        // Rules of several VirtualServices, and of several servers on one port, are joined.
        const before = hosts.get(host) ?? { host, serverPort, routes: [] };
        hosts.set(host, { ...before, routes: [...before.routes, ...routes] });
      }
    }
  }
  const bound = [...hosts.values()].filter(({ routes }) => routes.length > 0);
  const virtualHosts = bound.map(({ host, serverPort, routes }) => ({
    name: `${host}:${serverPort}`,
    domains: [host],
    routes: catchAllsLast(routes),
    include_request_attempt_count: true,
  }));
  virtualHosts.sort((a, b) => compare(a.name, b.name));
  return {
    name: `http.${port.listenPort}`,
    virtual_hosts: virtualHosts.length > 0 ? virtualHosts : [blackHole(port)],
    validate_clusters: false,
    max_direct_response_body_size_bytes: 1048576,
    ignore_port_in_host_matching: true,
  };
}

/** A port without any rule answers 404 to everything. */
function blackHole({ servers }: GatewayPort): JsonObject {
  const [first] = servers;
  return { name: `blackhole:${first?.server.port.number ?? 0}`, domains: ["*"] };
}

function isBound(virtualService: VirtualService, gateways: ReadonlySet<string>): boolean {
  const names = virtualService.spec.gateways ?? [];
  return names.some((name) => gateways.has(gatewayName(name, namespaceOf(virtualService))));
}

/** Hosts of the server that a VirtualService of this namespace may use. */
export function serverHosts(gateway: Gateway, server: GatewayServer, namespace: string): string[] {
  return server.hosts.flatMap((written) => {
    const slash = written.indexOf("/");
    if (slash < 0) return [written];
    const scope = written.slice(0, slash);
    return visibleFrom([scope], namespaceOf(gateway), namespace) ? [written.slice(slash + 1)] : [];
  });
}

/** The VirtualService's hosts within the server's; short ones are completed, unlike in a client's request. */
export function commonHosts(
  virtualService: VirtualService,
  gateway: Gateway,
  server: GatewayServer,
): string[] {
  const namespace = namespaceOf(virtualService);
  if (!visibleFrom(virtualService.spec.exportTo, namespace, namespaceOf(gateway))) return [];
  const allowed = serverHosts(gateway, server, namespace);
  const found = (virtualService.spec.hosts ?? []).flatMap((name) => {
    const host = expandHost(name, namespace);
    return allowed
      .filter((item) => hostsOverlap(item, host))
      .map((item) => narrowerHost(item, host));
  });
  return [...new Set(found)];
}

function catchAllsLast(routes: readonly JsonObject[]): JsonObject[] {
  const last = (route: JsonObject) => isCatchAll(route["match"] as JsonObject);
  return [...routes.filter((route) => !last(route)), ...routes.filter(last)];
}
