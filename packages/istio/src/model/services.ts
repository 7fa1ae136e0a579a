import { namespaceOf } from "../kinds/resource.ts";
import type { ServicePort } from "../kinds/service.ts";
import type { ServiceEntry } from "../kinds/service-entry.ts";
import type { KnativeApplication, Resources } from "../resources.ts";
import { serviceHost } from "./hosts.ts";

export type PortProtocol = "http" | "http2" | "tcp";

export interface MeshPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: PortProtocol;
  /** Number or container port name. */
  readonly targetPort: string;
  /** The decoded port, for messages. */
  readonly source: object;
}

/** A name that can be called, whatever kind of manifest it came from. */
export interface MeshService {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
  readonly origin: "Service" | "ServiceEntry" | "Revision";
  readonly ports: readonly MeshPort[];
  readonly clusterIp?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly entry?: ServiceEntry;
  readonly exportTo?: readonly string[];
  readonly source: object;
}

export function servicesOf(resources: Resources): MeshService[] {
  const services = [
    ...kubernetesServices(resources),
    ...resources.serviceEntries.flatMap(entryServices),
    ...resources.knativeApplications.flatMap(revisionServices),
  ];
  // Of two manifests for one host the first counts, as the older one does in a cluster.
  const byHost = new Map(services.toReversed().map((service) => [service.host, service]));
  return [...byHost.values()].sort((a, b) => compare(a.host, b.host));
}

/** Code unit order, which for host names is what Go's string comparison gives. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function kubernetesServices(resources: Resources): MeshService[] {
  return resources.services
    .filter(({ spec }) => spec.type !== "ExternalName")
    .map((service) => {
      const { name } = service.metadata;
      const namespace = namespaceOf(service);
      const { ports = [], selector, clusterIP } = service.spec;
      return {
        host: serviceHost(name, namespace),
        name,
        namespace,
        origin: "Service",
        ports: ports.filter(({ protocol = "TCP" }) => protocol === "TCP").map(meshPort),
        source: service,
        ...(clusterIP === undefined || clusterIP === "None" ? {} : { clusterIp: clusterIP }),
        ...(selector === undefined ? {} : { selector }),
      };
    });
}

function meshPort(port: ServicePort): MeshPort {
  return {
    name: port.name ?? "",
    port: port.port,
    protocol: protocolOf(port),
    targetPort: port.targetPort ?? String(port.port),
    source: port,
  };
}

const httpNames = ["http", "grpc-web"];
const http2Names = ["http2", "grpc", "kubernetes.io/h2c"];
export const otherNames: readonly string[] = [
  ...["tcp", "tls", "https", "mongo", "mysql", "redis", "udp"],
];

/** Istio's convention: `appProtocol`, or the port's name up to its first dash. */
export function namedProtocol(port: ServicePort): string | undefined {
  const { name = "", appProtocol } = port;
  if (appProtocol !== undefined) return appProtocol.toLowerCase();
  const known = [...httpNames, ...http2Names, ...otherNames];
  return known
    .filter((item) => name === item || name.startsWith(`${item}-`))
    .sort((a, b) => b.length - a.length)[0];
}

function protocolOf(port: ServicePort): PortProtocol {
  const name = namedProtocol(port);
  // Istio looks at the first bytes of such a connection; here it is taken for HTTP, see IST0118.
  if (name === undefined || httpNames.includes(name)) return "http";
  return http2Names.includes(name) ? "http2" : "tcp";
}

function entryServices(entry: ServiceEntry): MeshService[] {
  const { hosts = [], ports = [], addresses = [], workloadSelector, exportTo } = entry.spec;
  const [clusterIp] = addresses.filter((address) => !address.includes("/"));
  return hosts.map((host) => ({
    host,
    name: host,
    namespace: namespaceOf(entry),
    origin: "ServiceEntry",
    ports: ports.map((port) => ({
      name: port.name,
      port: port.number,
      protocol: entryProtocol(port.protocol ?? port.name),
      targetPort: String(port.targetPort ?? port.number),
      source: port,
    })),
    entry,
    source: entry,
    ...(clusterIp === undefined ? {} : { clusterIp }),
    ...(workloadSelector === undefined ? {} : { selector: workloadSelector.labels }),
    ...(exportTo === undefined ? {} : { exportTo }),
  }));
}

function entryProtocol(protocol: string): PortProtocol {
  return protocolOf({ port: 1, name: protocol.toLowerCase() });
}

/** The Service that Knative keeps for each revision: port 80 to the container. */
function revisionServices({ service, revisions }: KnativeApplication): MeshService[] {
  return revisions.map(({ name, template }) => {
    const [port] = template.spec.containers.flatMap(({ ports = [] }) => ports);
    const namespace = namespaceOf(service);
    return {
      host: serviceHost(name, namespace),
      name,
      namespace,
      origin: "Revision",
      ports: [
        {
          name: "http",
          port: 80,
          protocol: port?.name === "h2c" ? "http2" : "http",
          targetPort: String(port?.containerPort ?? 8080),
          source: service,
        },
      ],
      selector: { "serving.knative.dev/revision": name },
      source: service,
    };
  });
}
