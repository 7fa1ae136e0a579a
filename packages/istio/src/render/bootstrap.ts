import type { Hosts } from "../model/endpoints.ts";
import { nodeId, tracedServiceName } from "../model/identity.ts";
import {
  annotatedListenPort,
  annotatedPort,
  defaultPorts,
  type InboundPort,
  inboundListenPort,
  inboundPorts,
  type LocalPorts,
} from "../model/local-ports.ts";
import { type Mesh, meshOf } from "../model/mesh.ts";
import { proxyConfigOf } from "../model/proxy-config.ts";
import type { Workload } from "../model/workloads.ts";
import type { Resources } from "../resources.ts";
import {
  collectorClusterOf,
  emptyCluster,
  inboundClusterOf,
  outboundClusters,
} from "./clusters.ts";
import { connectionManager, type ListenerClass } from "./connection-manager.ts";
import { gatewayPorts, gatewayRoutes } from "./gateway.ts";
import { type JsonObject, socketAddress } from "./json.ts";
import { blackHoleCluster, inboundCluster, passthroughCluster } from "./names.ts";
import { outboundRoutes } from "./outbound.ts";
import { inboundRetryPolicy } from "./retry-policy.ts";
import { bootstrapTracing, collectorAddress, meshCollector } from "./tracing.ts";

/** Where on this machine the proxy listens, and where it finds the others. */
export interface RenderOptions extends LocalPorts {
  /** Host names to `address` or `address:port`; `*` is every name that is not listed. */
  readonly hosts?: Hosts;
}

export class UnknownWorkloadError extends Error {
  constructor(workload: string, known: readonly string[]) {
    super(`unknown workload "${workload}": the manifests have ${known.join(", ") || "none"}`);
    this.name = "UnknownWorkloadError";
  }
}

/** A workload's name, or `namespace/name` where several namespaces have it. */
export function findWorkload(mesh: Mesh, name: string): Workload {
  const found = mesh.workloads.filter(
    (item) => item.name === name || `${item.namespace}/${item.name}` === name,
  );
  const [workload, ...others] = found;
  const qualified = mesh.workloads.map((item) => `${item.namespace}/${item.name}`);
  if (workload === undefined) throw new UnknownWorkloadError(name, qualified);
  if (others.length > 0) {
    const names = found.map((item) => `${item.namespace}/${item.name}`).join(", ");
    throw new Error(`workload "${name}" is ambiguous: say which of ${names}`);
  }
  if (workload.proxy === "none") {
    throw new Error(
      `workload "${name}" has no proxy: the label sidecar.istio.io/inject: "true" gives it one`,
    );
  }
  return workload;
}

/** The bootstrap that Istio would give the workload's proxy, whole in one file. */
export function renderWorkload(
  resources: Resources,
  workload: string,
  options: RenderOptions = {},
): { readonly bootstrap: JsonObject } {
  const mesh = meshOf(resources);
  const found = findWorkload(mesh, workload);
  const hosts = options.hosts ?? {};
  const naming = proxyConfigOf(resources, found).tracingServiceName ?? "APP_LABEL_AND_NAMESPACE";
  const collector = collectorAddress(mesh, found);
  const parts =
    found.proxy === "gateway"
      ? gatewayParts(mesh, found, options)
      : sidecarParts(mesh, found, options);
  const admin = options.admin ?? annotatedPort(found, "admin") ?? defaultPorts.admin;
  const bootstrap: JsonObject = {
    node: { id: nodeId(found, found.host), cluster: tracedServiceName(found, naming) },
    admin: { address: socketAddress("127.0.0.1", admin) },
    ...(collector === undefined ? {} : { tracing: bootstrapTracing() }),
    static_resources: {
      listeners: parts.listeners,
      clusters: [
        ...outboundClusters(mesh, found, hosts),
        emptyCluster(blackHoleCluster),
        ...parts.clusters,
        ...(collector === undefined ? [] : [collectorClusterOf(meshCollector, collector)]),
      ],
    },
  };
  return { bootstrap };
}

interface Parts {
  readonly listeners: readonly JsonObject[];
  readonly clusters: readonly JsonObject[];
}

function listener(
  name: string,
  address: JsonObject,
  direction: "INBOUND" | "OUTBOUND",
  filter: JsonObject,
): JsonObject {
  return { name, address, filter_chains: [{ filters: [filter] }], traffic_direction: direction };
}

function gatewayParts(mesh: Mesh, workload: Workload, options: RenderOptions): Parts {
  const ports = gatewayPorts(mesh, workload);
  if (options.inbound !== undefined && ports.length > 1) {
    const numbers = ports.map(({ listenPort }) => listenPort).join(", ");
    throw new Error(`an inbound port cannot be given for a gateway with several (${numbers})`);
  }
  const listeners = ports.map((port) => {
    const name = `0.0.0.0_${port.listenPort}`;
    const filter = connectionManager({
      mesh,
      workload,
      listener: "gateway",
      statPrefix: `outbound_${name}`,
      routeConfig: gatewayRoutes(mesh, workload, port),
    });
    const bound = options.inbound ?? annotatedListenPort(workload, port.listenPort);
    return listener(name, socketAddress("0.0.0.0", bound), "OUTBOUND", filter);
  });
  return { listeners, clusters: [] };
}

function sidecarParts(mesh: Mesh, workload: Workload, options: RenderOptions): Parts {
  const inbound = inboundPorts(mesh.services, workload);
  const targets = inbound.map(({ targetPort }) => targetPort);
  const outboundPort =
    options.outbound ?? annotatedPort(workload, "outbound") ?? defaultPorts.outbound;
  const manager = (kind: ListenerClass, statPrefix: string, routeConfig: JsonObject) =>
    connectionManager({ mesh, workload, listener: kind, statPrefix, routeConfig });
  const outbound = listener(
    "virtualOutbound",
    socketAddress("127.0.0.1", outboundPort),
    "OUTBOUND",
    manager("outbound", `outbound_0.0.0.0_${outboundPort}`, outboundRoutes(mesh, workload)),
  );
  const inboundListeners = inbound.map((item, index) => {
    const port = inboundListenPort(workload, targets, item.targetPort, options.inbound);
    const name = index === 0 ? "virtualInbound" : `virtualInbound-${item.targetPort}`;
    const prefix = `inbound_0.0.0.0_${item.targetPort}`;
    const filter = manager("inbound", prefix, inboundRoutes(item));
    return listener(name, socketAddress("0.0.0.0", port), "INBOUND", filter);
  });
  return {
    listeners: [outbound, ...inboundListeners],
    clusters: [
      emptyCluster(passthroughCluster),
      ...inbound.map((item) => inboundClusterOf(workload, item)),
    ],
  };
}

function inboundRoutes({ service, port, targetPort }: InboundPort): JsonObject {
  const route = {
    name: "default",
    match: { prefix: "/" },
    route: {
      cluster: inboundCluster(targetPort),
      timeout: "0s",
      retry_policy: inboundRetryPolicy,
      max_stream_duration: { max_stream_duration: "0s", grpc_timeout_header_max: "0s" },
    },
    decorator: { operation: `${service.host}:${port.port}/*` },
  };
  return {
    name: inboundCluster(targetPort),
    virtual_hosts: [{ name: `inbound|http|${port.port}`, domains: ["*"], routes: [route] }],
    validate_clusters: false,
  };
}
