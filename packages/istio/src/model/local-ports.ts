import type { MeshPort, MeshService } from "./services.ts";
import { selects } from "./visibility.ts";
import type { Workload } from "./workloads.ts";

/** Where a workload's proxy listens on this machine, and where its application does. */
export interface LocalPorts {
  readonly inbound?: number;
  readonly outbound?: number;
  readonly admin?: number;
}

/** Istio's own ports, right wherever each workload has an address of its own. */
export const defaultPorts: Required<LocalPorts> = { inbound: 15006, outbound: 15001, admin: 15000 };

/** One service port of a workload as its inbound listener serves it. */
export interface InboundPort {
  readonly service: MeshService;
  readonly port: MeshPort;
  readonly targetPort: number;
}

/** Annotations of the pod template that place a workload on a machine it shares with others. */
export const portAnnotations = {
  inbound: "tracemesh.dev/inbound-port",
  outbound: "tracemesh.dev/outbound-port",
  admin: "tracemesh.dev/admin-port",
  application: "tracemesh.dev/app-port",
} as const;

/** A port number, or `target:port` pairs for a workload with several ports. `undefined` when unreadable. */
export function parsePortAnnotation(value: string): number | Map<number, number> | undefined {
  const valid = (port: number) => port >= 1 && port <= 65535;
  if (/^\d{1,5}$/.test(value)) return valid(Number(value)) ? Number(value) : undefined;
  const pairs = value.split(",").map((pair) => /^(\d{1,5}):(\d{1,5})$/.exec(pair.trim()));
  const ports = new Map<number, number>();
  for (const pair of pairs) {
    const [target, port] = [Number(pair?.[1]), Number(pair?.[2])];
    if (!valid(target) || !valid(port)) return undefined;
    ports.set(target, port);
  }
  return ports;
}

export function annotatedPort(workload: Workload, kind: "outbound" | "admin"): number | undefined {
  const value = workload.annotations[portAnnotations[kind]];
  const parsed = value === undefined ? undefined : parsePortAnnotation(value);
  return typeof parsed === "number" ? parsed : undefined;
}

export function targetPortOf(workload: Workload, port: MeshPort): number | undefined {
  const named = workload.namedPorts[port.name];
  if (named !== undefined) return named;
  if (/^\d+$/.test(port.targetPort)) return Number(port.targetPort);
  const ports = workload.containers.flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === port.targetPort)?.containerPort;
}

export function selectsWorkload(service: MeshService, workload: Workload): boolean {
  const { selector } = service;
  if (selector === undefined || Object.keys(selector).length === 0) return false;
  return service.namespace === workload.namespace && selects(selector, workload.labels);
}

/** Every HTTP port of the workload's services, once for each target port, lowest first. */
export function inboundPorts(services: readonly MeshService[], workload: Workload): InboundPort[] {
  const byTarget = new Map<number, InboundPort>();
  for (const service of services) {
    if (!selectsWorkload(service, workload)) continue;
    for (const port of service.ports) {
      const targetPort = targetPortOf(workload, port);
      if (targetPort === undefined || port.protocol === "tcp" || byTarget.has(targetPort)) continue;
      byTarget.set(targetPort, { service, port, targetPort });
    }
  }
  return [...byTarget.values()].sort((a, b) => a.targetPort - b.targetPort);
}

/** The port of the inbound listener for a target port; a workload with several uses consecutive ones. */
export function inboundListenPort(
  workload: Workload,
  targets: readonly number[],
  targetPort: number,
  base?: number,
): number {
  const value = workload.annotations[portAnnotations.inbound];
  const annotated = value === undefined ? undefined : parsePortAnnotation(value);
  if (base === undefined && annotated instanceof Map) {
    return annotated.get(targetPort) ?? defaultPorts.inbound;
  }
  const first = base ?? (typeof annotated === "number" ? annotated : defaultPorts.inbound);
  return first + Math.max(targets.indexOf(targetPort), 0);
}

/** The port a gateway's listener is bound to, where the annotation moves it. */
export function annotatedListenPort(workload: Workload, listenPort: number): number {
  const value = workload.annotations[portAnnotations.inbound];
  const annotated = value === undefined ? undefined : parsePortAnnotation(value);
  if (annotated instanceof Map) return annotated.get(listenPort) ?? listenPort;
  return annotated ?? listenPort;
}

/** Where the application listens: its target port, unless the machine is shared and the annotation says otherwise. */
export function applicationPort(workload: Workload, targetPort: number): number {
  const value = workload.annotations[portAnnotations.application];
  const annotated = value === undefined ? undefined : parsePortAnnotation(value);
  if (annotated instanceof Map) return annotated.get(targetPort) ?? targetPort;
  return annotated ?? targetPort;
}
