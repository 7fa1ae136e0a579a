import type { Container } from "../kinds/pod.ts";
import { namespaceOf } from "../kinds/resource.ts";
import type { KnativeApplication, Resources } from "../resources.ts";
import { selects } from "./visibility.ts";

/** Something that runs: the pods of a Deployment, a Pod, a WorkloadEntry, or a Knative revision. */
export interface Workload {
  readonly kind: "Deployment" | "Pod" | "WorkloadEntry" | "Revision";
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly Container[];
  /** Address or host name of the machine it runs on. */
  readonly host: string;
  /** How others reach it: through its own proxy or straight. */
  readonly proxy: "sidecar" | "gateway" | "none";
  /** Ports by name that a WorkloadEntry gives itself. */
  readonly namedPorts: Readonly<Record<string, number>>;
  /** The decoded resource, for messages. */
  readonly source: object;
}

/** Namespace of the control plane: nothing in it gets a sidecar. */
export function rootNamespace(resources: Resources): string {
  return resources.meshConfig.rootNamespace ?? "istio-system";
}

type Base = Omit<Workload, "proxy">;

export function workloadsOf(resources: Resources): Workload[] {
  const found: Base[] = [];
  for (const deployment of resources.deployments) {
    const { metadata, spec } = deployment.spec.template;
    const annotations = metadata?.annotations ?? {};
    found.push({
      kind: "Deployment",
      name: deployment.metadata.name,
      namespace: namespaceOf(deployment),
      labels: metadata?.labels ?? {},
      annotations,
      containers: spec.containers,
      host: annotations["tracemesh.dev/host"] ?? deployment.metadata.name,
      namedPorts: {},
      source: deployment,
    });
  }
  for (const pod of resources.pods) {
    const { name, labels = {}, annotations = {} } = pod.metadata;
    found.push({
      kind: "Pod",
      name,
      namespace: namespaceOf(pod),
      labels,
      annotations,
      containers: pod.spec.containers,
      host: annotations["tracemesh.dev/host"] ?? pod.status?.podIP ?? name,
      namedPorts: {},
      source: pod,
    });
  }
  for (const entry of resources.workloadEntries) {
    const { name, labels = {}, annotations = {} } = entry.metadata;
    found.push({
      kind: "WorkloadEntry",
      name,
      namespace: namespaceOf(entry),
      labels: { ...labels, ...entry.spec.labels },
      annotations,
      containers: [],
      host: entry.spec.address ?? name,
      namedPorts: entry.spec.ports ?? {},
      source: entry,
    });
  }
  found.push(...resources.knativeApplications.flatMap(revisions));
  return found.map((base) => ({ ...base, proxy: proxyOf(base, resources) }));
}

/** Labels as Knative puts them on the pods of a revision. */
function revisions({ service, revisions }: KnativeApplication): Base[] {
  return revisions.map(({ name, template }) => ({
    kind: "Revision",
    name: `${name}-deployment`,
    namespace: namespaceOf(service),
    labels: {
      ...template.metadata?.labels,
      app: name,
      "serving.knative.dev/service": service.metadata.name,
      "serving.knative.dev/revision": name,
      "service.istio.io/canonical-name": service.metadata.name,
      "service.istio.io/canonical-revision": name,
    },
    annotations: { ...service.metadata.annotations, ...template.metadata?.annotations },
    containers: template.spec.containers,
    host:
      template.metadata?.annotations?.["tracemesh.dev/host"] ??
      service.metadata.annotations?.["tracemesh.dev/host"] ??
      service.metadata.name,
    namedPorts: {},
    source: service,
  }));
}

function proxyOf(base: Base, resources: Resources): Workload["proxy"] {
  const templates = base.annotations["inject.istio.io/templates"]?.split(",") ?? [];
  if (templates.map((item) => item.trim()).includes("gateway")) return "gateway";
  const selected = resources.gateways.some(({ spec: { selector = {} } }) => {
    return Object.keys(selector).length > 0 && selects(selector, base.labels);
  });
  if (selected) return "gateway";
  const inject =
    base.labels["sidecar.istio.io/inject"] ?? base.annotations["sidecar.istio.io/inject"];
  if (inject !== undefined) return inject === "true" ? "sidecar" : "none";
  // An address written by hand is dialled as written, and Knative's pods have no sidecar unless they ask for one.
  if (base.kind === "Revision") return "none";
  if (base.kind === "WorkloadEntry") {
    return base.annotations["tracemesh.dev/inbound-port"] === undefined ? "none" : "sidecar";
  }
  if (base.namespace === rootNamespace(resources)) return "none";
  const namespace = resources.namespaces.find(({ metadata }) => metadata.name === base.namespace);
  return namespace?.metadata.labels?.["istio-injection"] === "disabled" ? "none" : "sidecar";
}
