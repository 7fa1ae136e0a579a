import type { DestinationRule, Subset, TrafficPolicy } from "../kinds/destination-rule.ts";
import { namespaceOf } from "../kinds/resource.ts";
import type { VirtualService } from "../kinds/virtual-service.ts";
import { knativeRoutes } from "../knative/routes.ts";
import type { Resources } from "../resources.ts";
import { expandHost, hostMatches, hostRank } from "./hosts.ts";
import { type MeshService, servicesOf } from "./services.ts";
import { visibleFrom } from "./visibility.ts";
import { rootNamespace, type Workload, workloadsOf } from "./workloads.ts";

/** The manifests as one picture: who runs, what can be called, which rules there are. */
export interface Mesh {
  readonly resources: Resources;
  readonly services: readonly MeshService[];
  readonly workloads: readonly Workload[];
  /** Oldest first, those made from Knative Services at the end. */
  readonly virtualServices: readonly VirtualService[];
}

export function meshOf(resources: Resources): Mesh {
  return {
    resources,
    services: servicesOf(resources),
    workloads: workloadsOf(resources),
    virtualServices: byAge([...resources.virtualServices, ...knativeRoutes(resources)]),
  };
}

/** Without timestamps the order of the documents is the order in which kubectl would create them. */
export function byAge<T extends { metadata: { creationTimestamp?: string } }>(
  items: readonly T[],
): T[] {
  const age = (item: T) => Date.parse(item.metadata.creationTimestamp ?? "") || Number.MAX_VALUE;
  return [...items].sort((a, b) => age(a) - age(b));
}

export interface AppliedRule {
  readonly rule: DestinationRule;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: readonly Subset[];
}

/** The rule in force for a service: the client's namespace before the service's before the root namespace. */
export function destinationRuleFor(
  mesh: Mesh,
  service: MeshService,
  clientNamespace: string,
): AppliedRule | undefined {
  const fitting = byAge(mesh.resources.destinationRules).filter((rule) => {
    const namespace = namespaceOf(rule);
    const host = expandHost(rule.spec.host, namespace);
    return (
      hostMatches(host, service.host) && visibleFrom(rule.spec.exportTo, namespace, clientNamespace)
    );
  });
  for (const namespace of [clientNamespace, service.namespace, rootNamespace(mesh.resources)]) {
    const here = fitting.filter((rule) => namespaceOf(rule) === namespace);
    const rank = (rule: DestinationRule) => hostRank(expandHost(rule.spec.host, namespace));
    const best = Math.max(...here.map(rank));
    const [first, ...others] = here.filter((rule) => rank(rule) === best);
    if (first === undefined) continue;
    // Several rules for one host add their subsets; the oldest traffic policy stands.
    const subsets = new Map<string, Subset>();
    for (const subset of [first, ...others].flatMap(({ spec }) => spec.subsets ?? [])) {
      if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
    }
    const { trafficPolicy } =
      [first, ...others].find((rule) => rule.spec.trafficPolicy)?.spec ?? {};
    const policy = trafficPolicy === undefined ? {} : { trafficPolicy };
    return { rule: first, subsets: [...subsets.values()], ...policy };
  }
  return undefined;
}

export function findService(mesh: Mesh, host: string): MeshService | undefined {
  return mesh.services.find((service) => service.host === host);
}

/** Services a client in the namespace can see. */
export function visibleServices(mesh: Mesh, namespace: string): MeshService[] {
  return mesh.services.filter((service) =>
    visibleFrom(service.exportTo, service.namespace, namespace),
  );
}
