import { schemaCode } from "../decode/scalars.ts";
import { siteOf } from "../decode/sites.ts";
import type { Gateway } from "../kinds/gateway.ts";
import { namespaceOf, qualifiedName } from "../kinds/resource.ts";
import type { VirtualService } from "../kinds/virtual-service.ts";
import { expandHost } from "../model/hosts.ts";
import { selectsWorkload } from "../model/local-ports.ts";
import type { Mesh } from "../model/mesh.ts";
import { selects } from "../model/visibility.ts";
import type { Workload } from "../model/workloads.ts";
import { type Problem, problemAt } from "../problem.ts";
import { commonHosts } from "../render/gateway.ts";
import { gatewayName } from "../render/routes.ts";

export function gateways(mesh: Mesh): Problem[] {
  return mesh.resources.gateways.flatMap((gateway) => [
    ...servers(gateway),
    ...binding(mesh, gateway),
    ...mesh.resources.virtualServices
      .filter((item) => isBoundTo(item, gateway))
      .flatMap((item) => [...hosts(item, gateway), ...ineffectiveSubsets(mesh, item, gateway)]),
  ]);
}

function isBoundTo({ metadata, spec }: VirtualService, gateway: Gateway): boolean {
  const namespace = namespaceOf({ metadata });
  const name = qualifiedName(gateway);
  return (spec.gateways ?? []).some((item) => gatewayName(item, namespace) === name);
}

function servers({ spec }: Gateway): Problem[] {
  const problems: Problem[] = [];
  const schema = (where: object, field: string, message: string) =>
    problems.push(problemAt(siteOf(where, field), message, { code: schemaCode }));
  if (spec.servers.length === 0) schema(spec, "servers", "a Gateway needs at least one server");
  const names = new Set<string>();
  for (const server of spec.servers) {
    if (server.hosts.length === 0) schema(server, "hosts", "a server needs at least one host");
    const { name } = server.port;
    if (names.has(name)) schema(server.port, "name", `port name ${name} is used twice`);
    names.add(name);
  }
  return problems;
}

/** Whether there is a proxy that serves the gateway, a Service that leads to its ports, and a rule for it. */
function binding(mesh: Mesh, gateway: Gateway): Problem[] {
  const { selector = {}, servers: list } = gateway.spec;
  const problems: Problem[] = [];
  const workloads = mesh.workloads.filter(
    ({ labels, proxy }) => proxy === "gateway" && selects(selector, labels),
  );
  if (workloads.length === 0) {
    const wanted = JSON.stringify(selector);
    const message = `no workload has the labels ${wanted}: nothing listens for this Gateway`;
    problems.push(problemAt(siteOf(gateway.spec, "selector"), message, { code: "IST0101" }));
  }
  for (const { port } of list) {
    if (workloads.length === 0 || isOffered(mesh, workloads, port.number)) continue;
    const message = `port ${port.number} is not a port of the Service in front of the gateway`;
    const options = { code: "IST0162", severity: "warning" } as const;
    problems.push(problemAt(siteOf(port, "number"), message, options));
  }
  const knative = [
    "knative-serving/knative-ingress-gateway",
    "knative-serving/knative-local-gateway",
  ];
  const bound = mesh.virtualServices.some((item) => isBoundTo(item, gateway));
  if (!bound && !knative.includes(qualifiedName(gateway))) {
    const message = "no VirtualService is bound to this Gateway: it answers 404 to everything";
    problems.push(problemAt(siteOf(gateway.metadata, "name"), message, { severity: "warning" }));
  }
  return problems;
}

function isOffered(mesh: Mesh, workloads: readonly Workload[], port: number): boolean {
  const inFront = mesh.services.filter((service) =>
    workloads.some((workload) => selectsWorkload(service, workload)),
  );
  return (
    inFront.length === 0 || inFront.some(({ ports }) => ports.some((item) => item.port === port))
  );
}

function hosts(virtualService: VirtualService, gateway: Gateway): Problem[] {
  const found = gateway.spec.servers.some(
    (server) => commonHosts(virtualService, gateway, server).length > 0,
  );
  if (found) return [];
  const offered = gateway.spec.servers.flatMap((server) => server.hosts).join(", ");
  const message = `none of the hosts is one of Gateway ${qualifiedName(gateway)}, which has ${offered}`;
  const at = siteOf(virtualService.spec, "hosts");
  return [problemAt(at, message, { code: "IST0132", severity: "warning" })];
}

/** Rules for the mesh are not those of a gateway: requests from outside reach all versions of the service. */
function ineffectiveSubsets(
  mesh: Mesh,
  virtualService: VirtualService,
  gateway: Gateway,
): Problem[] {
  const namespace = namespaceOf(virtualService);
  const targets = (virtualService.spec.http ?? []).flatMap(({ route = [] }) => route);
  return targets.flatMap(({ destination }) => {
    if (destination.subset !== undefined) return [];
    const host = expandHost(destination.host, namespace);
    const inner = mesh.resources.virtualServices.find((item) => hasMeshSubset(item, host));
    if (inner === undefined || inner === virtualService) return [];
    const message = `the subsets in ${qualifiedName(inner)} have no effect on requests through ${qualifiedName(gateway)}`;
    const at = siteOf(destination, "host");
    return [problemAt(at, message, { code: "IST0140", severity: "warning" })];
  });
}

function hasMeshSubset({ metadata, spec }: VirtualService, host: string): boolean {
  const namespace = namespaceOf({ metadata });
  const { gateways: names = [], hosts: own = [], http = [] } = spec;
  if (names.length > 0 || !own.some((item) => expandHost(item, namespace) === host)) return false;
  return http.some(({ route = [] }) =>
    route.some(({ destination }) => destination.subset !== undefined),
  );
}
