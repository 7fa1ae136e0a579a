import { schemaCode } from "../decode/scalars.ts";
import { siteOf } from "../decode/sites.ts";
import { qualifiedName } from "../kinds/resource.ts";
import type { ServiceEntry } from "../kinds/service-entry.ts";
import { backendsOf } from "../model/endpoints.ts";
import { targetPortOf } from "../model/local-ports.ts";
import type { Mesh } from "../model/mesh.ts";
import { namedProtocol } from "../model/services.ts";
import { type Problem, problemAt } from "../problem.ts";

export function services(mesh: Mesh): Problem[] {
  const { resources } = mesh;
  return [
    ...resources.services.flatMap((service) => {
      const { type, ports = [] } = service.spec;
      if (type === "ExternalName") {
        const message = "not supported: Services of type ExternalName, use a ServiceEntry";
        return [problemAt(siteOf(service.spec, "type"), message)];
      }
      return ports
        .filter((port) => namedProtocol(port) === undefined)
        .map((port) => {
          const message = `port name ${JSON.stringify(port.name ?? "")} says no protocol (http, http2, grpc, tcp, ...): HTTP is taken for granted here, Istio would look at each connection`;
          const options = { code: "IST0118", severity: "info" } as const;
          return problemAt(siteOf(port, "name"), message, options);
        });
    }),
    ...targetPorts(mesh),
    ...resources.serviceEntries.flatMap(serviceEntry),
    ...resources.workloadEntries
      .filter(({ spec }) => spec.address === undefined)
      .map((entry) => {
        const message = `WorkloadEntry ${qualifiedName(entry)} has no address`;
        return problemAt(siteOf(entry.spec), message, { code: schemaCode });
      }),
  ];
}

/** A target port by name that no container has: the workload would have no endpoint. */
function targetPorts(mesh: Mesh): Problem[] {
  return mesh.services
    .filter(({ origin }) => origin === "Service")
    .flatMap((service) =>
      service.ports.flatMap((port) =>
        backendsOf(mesh, service)
          .filter((workload) => targetPortOf(workload, port) === undefined)
          .map((workload) => {
            const message = `targetPort ${JSON.stringify(port.targetPort)} is no port of ${workload.kind} ${workload.name}`;
            return problemAt(siteOf(port.source, "targetPort"), message, { severity: "warning" });
          }),
      ),
    );
}

function serviceEntry({ spec }: ServiceEntry): Problem[] {
  const { hosts = [], ports = [], resolution = "NONE", endpoints = [], workloadSelector } = spec;
  const problems: Problem[] = [];
  const schema = (field: string, message: string) =>
    problems.push(problemAt(siteOf(spec, field), message, { code: schemaCode }));
  if (hosts.length === 0) schema("hosts", "a ServiceEntry needs at least one host");
  if (ports.length === 0) schema("ports", "a ServiceEntry needs at least one port");
  const wildcard = hosts.some((host) => host.startsWith("*"));
  if (resolution === "DNS" && wildcard && endpoints.length === 0) {
    schema("hosts", "a wildcard host cannot be resolved: resolution DNS needs endpoints");
  }
  if (resolution === "STATIC" && endpoints.length === 0 && workloadSelector === undefined) {
    schema("resolution", "resolution STATIC needs endpoints or a workloadSelector");
  }
  if (resolution === "NONE") {
    const message =
      "not supported: resolution NONE goes to the connection's original address, which needs iptables";
    problems.push(problemAt(siteOf(spec, "resolution"), message));
  }
  if (endpoints.length > 0 && workloadSelector !== undefined) {
    schema("endpoints", "endpoints and workloadSelector in one ServiceEntry, only one is allowed");
  }
  for (const endpoint of endpoints) {
    if (endpoint.address !== undefined) continue;
    problems.push(problemAt(siteOf(endpoint), "the endpoint has no address", { code: schemaCode }));
  }
  return problems;
}
