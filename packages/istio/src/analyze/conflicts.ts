import { siteOf } from "../decode/sites.ts";
import { namespaceOf, qualifiedName } from "../kinds/resource.ts";
import type { VirtualService } from "../kinds/virtual-service.ts";
import { expandHost } from "../model/hosts.ts";
import type { Mesh } from "../model/mesh.ts";
import { type Problem, problemAt } from "../problem.ts";

/** IST0109: two VirtualServices for one host inside the mesh; only the older one would count. */
export function conflicts(mesh: Mesh): Problem[] {
  const first = new Map<string, VirtualService[]>();
  const problems: Problem[] = [];
  for (const virtualService of mesh.virtualServices) {
    const { gateways = [], hosts = [] } = virtualService.spec;
    if (gateways.length > 0 && !gateways.includes("mesh")) continue;
    const namespace = namespaceOf(virtualService);
    for (const [index, name] of hosts.entries()) {
      const host = expandHost(name, namespace);
      const earlier = first.get(host) ?? [];
      const other = earlier.find((item) => meets(item, virtualService));
      first.set(host, [...earlier, virtualService]);
      if (other === undefined || other === virtualService) continue;
      const message = `${qualifiedName(other)} is already a VirtualService for ${host}: only the older one would count`;
      const at = siteOf(virtualService.spec.hosts ?? virtualService, index);
      problems.push(problemAt(at, message, { code: "IST0109" }));
    }
  }
  return problems;
}

/** One that is kept to its own namespace never meets another namespace's in one proxy. */
function meets(a: VirtualService, b: VirtualService): boolean {
  return namespaceOf(a) === namespaceOf(b) || !(isPrivate(a) || isPrivate(b));
}

function isPrivate({ spec: { exportTo = [] } }: VirtualService): boolean {
  return exportTo.length > 0 && exportTo.every((scope) => scope === ".");
}
