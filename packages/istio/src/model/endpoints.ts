import { isIP } from "node:net";
import { type EndpointSlice, serviceNameLabel } from "../kinds/endpoint-slice.ts";
import { namespaceOf } from "../kinds/resource.ts";
import {
  applicationPort,
  inboundListenPort,
  inboundPorts,
  selectsWorkload,
  targetPortOf,
} from "./local-ports.ts";
import type { Mesh } from "./mesh.ts";
import type { MeshPort, MeshService } from "./services.ts";
import { selects } from "./visibility.ts";
import type { Workload } from "./workloads.ts";

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly weight?: number;
}

/** Host names to addresses, or to `address:port`; `*` stands for every other workload. */
export type Hosts = Readonly<Record<string, string>>;

export function isAddress(host: string): boolean {
  return isIP(host) !== 0;
}

/** Where a service port is served, for all of the service or for the subset with these labels. */
export function endpointsOf(
  mesh: Mesh,
  service: MeshService,
  port: MeshPort,
  subset: Readonly<Record<string, string>>,
  hosts: Hosts,
): Endpoint[] {
  const slices = mesh.resources.endpointSlices.filter(
    (slice) =>
      namespaceOf(slice) === service.namespace &&
      slice.metadata.labels?.[serviceNameLabel] === service.name,
  );
  if (service.origin === "Service" && slices.length > 0) {
    return sliceEndpoints(mesh, slices, port, subset);
  }
  if (service.entry !== undefined && service.selector === undefined) {
    return entryEndpoints(service, port, subset, hosts);
  }
  return backendsOf(mesh, service)
    .filter((workload) => selects(subset, workload.labels))
    .flatMap((workload) => workloadEndpoint(mesh, workload, port, hosts));
}

/** Workloads that a service selects. Pods stand for their Deployment where both are written. */
export function backendsOf(mesh: Mesh, service: MeshService): Workload[] {
  const selected = mesh.workloads.filter((workload) => selectsWorkload(service, workload));
  const pods = selected.filter(({ kind }) => kind === "Pod");
  const ownPods = mesh.workloads.filter(({ kind }) => kind === "Deployment");
  if (pods.length > 0) return selected.filter(({ kind }) => kind !== "Deployment");
  // A Deployment written for a Knative revision replaces the one that is made up for it.
  const deployed = selected.some((workload) => ownPods.includes(workload));
  return deployed ? selected.filter(({ kind }) => kind !== "Revision") : selected;
}

function workloadEndpoint(
  mesh: Mesh,
  workload: Workload,
  port: MeshPort,
  hosts: Hosts,
): Endpoint[] {
  const targetPort = targetPortOf(workload, port);
  if (targetPort === undefined) return [];
  return [
    place(workload.name, workload.host, dialledPort(mesh, workload, port, targetPort), hosts),
  ];
}

function dialledPort(mesh: Mesh, workload: Workload, port: MeshPort, targetPort: number): number {
  if (workload.proxy !== "sidecar" || port.protocol === "tcp") {
    return applicationPort(workload, targetPort);
  }
  const targets = inboundPorts(mesh.services, workload).map((item) => item.targetPort);
  return inboundListenPort(workload, targets, targetPort);
}

function place(name: string, host: string, port: number, hosts: Hosts): Endpoint {
  const mapped = hosts[name] ?? hosts[host] ?? hosts["*"];
  if (mapped === undefined) return { address: host, port };
  const [, address = mapped, mappedPort] = /^(.*):(\d+)$/.exec(mapped) ?? [];
  return { address, port: mappedPort === undefined ? port : Number(mappedPort) };
}

/** Addresses of a slice are dialled as written, unless their Pod is known to have a sidecar here. */
function sliceEndpoints(
  mesh: Mesh,
  slices: readonly EndpointSlice[],
  port: MeshPort,
  subset: Readonly<Record<string, string>>,
): Endpoint[] {
  return slices.flatMap((slice) => {
    const written =
      slice.ports.find(({ name = "" }) => name === port.name) ??
      (slice.ports.length === 1 ? slice.ports[0] : undefined);
    if (written?.port === undefined) return [];
    const target = written.port;
    return slice.endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses, targetRef }) => {
        const pod = mesh.workloads.find(
          ({ kind, name, namespace }) =>
            kind === "Pod" && name === targetRef?.name && namespace === namespaceOf(slice),
        );
        if (!selects(subset, pod?.labels ?? {})) return [];
        const annotated = pod?.annotations["tracemesh.dev/inbound-port"] !== undefined;
        const dialled = pod && annotated ? dialledPort(mesh, pod, port, target) : target;
        return addresses.map((address) => ({ address, port: dialled }));
      });
  });
}

function entryEndpoints(
  service: MeshService,
  port: MeshPort,
  subset: Readonly<Record<string, string>>,
  hosts: Hosts,
): Endpoint[] {
  const { endpoints = [], resolution = "NONE" } = service.entry?.spec ?? {};
  if (resolution === "NONE") return [];
  if (endpoints.length === 0) {
    return resolution === "DNS"
      ? [place(service.host, service.host, Number(port.targetPort), hosts)]
      : [];
  }
  return endpoints
    .filter(({ labels = {} }) => selects(subset, labels))
    .flatMap(({ address, ports, weight }) => {
      if (address === undefined) return [];
      const endpoint = place(
        address,
        address,
        ports?.[port.name] ?? Number(port.targetPort),
        hosts,
      );
      return [weight === undefined ? endpoint : { ...endpoint, weight }];
    });
}
