import { isAddress } from "./endpoints.ts";
import type { Workload } from "./workloads.ts";

export function canonicalName({ labels, name }: Workload): string {
  return (
    labels["service.istio.io/canonical-name"] ??
    labels["app.kubernetes.io/name"] ??
    labels["app"] ??
    name
  );
}

export function canonicalRevision({ labels }: Workload): string {
  return (
    labels["service.istio.io/canonical-revision"] ??
    labels["app.kubernetes.io/version"] ??
    labels["version"] ??
    "latest"
  );
}

export type ServiceNaming =
  | "APP_LABEL_AND_NAMESPACE"
  | "CANONICAL_NAME_ONLY"
  | "CANONICAL_NAME_AND_NAMESPACE";

/** The service name of its spans, `node.cluster`. */
export function tracedServiceName(workload: Workload, naming: ServiceNaming): string {
  const { labels, name, namespace } = workload;
  switch (naming) {
    case "APP_LABEL_AND_NAMESPACE":
      return `${labels["app"] ?? name}.${namespace}`;
    case "CANONICAL_NAME_ONLY":
      return canonicalName(workload);
    case "CANONICAL_NAME_AND_NAMESPACE":
      return `${canonicalName(workload)}.${namespace}`;
  }
}

/** `sidecar~10.1.0.20~details-v1.default~default.svc.cluster.local`. Without an address of its own a workload is on this machine. */
export function nodeId(workload: Workload, address: string): string {
  const { name, namespace, proxy } = workload;
  const type = proxy === "gateway" ? "router" : "sidecar";
  const ip = isAddress(address) ? address : "127.0.0.1";
  return `${type}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`;
}
