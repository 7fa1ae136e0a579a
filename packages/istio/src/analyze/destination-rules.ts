import { schemaCode } from "../decode/scalars.ts";
import { siteOf } from "../decode/sites.ts";
import { namespaceOf } from "../kinds/resource.ts";
import { backendsOf } from "../model/endpoints.ts";
import { expandHost, hostMatches } from "../model/hosts.ts";
import type { Mesh } from "../model/mesh.ts";
import { selects } from "../model/visibility.ts";
import { type Problem, problemAt } from "../problem.ts";
import { among } from "./references.ts";

/** Rules for nobody (IST0101), subsets named twice (IST0106) or without a workload (IST0173). */
export function destinationRules(mesh: Mesh): Problem[] {
  return mesh.resources.destinationRules.flatMap((rule) => {
    const { spec } = rule;
    const host = expandHost(spec.host, namespaceOf(rule));
    const services = mesh.services.filter((service) => hostMatches(host, service.host));
    const problems: Problem[] = [];
    if (services.length === 0 && !host.startsWith("*")) {
      const known = mesh.services.filter(({ namespace }) => namespace === namespaceOf(rule));
      const message = `unknown host ${JSON.stringify(spec.host)} (${host}): ${among(known.map(({ name }) => name))}`;
      problems.push(problemAt(siteOf(spec, "host"), message, { code: "IST0101" }));
    }
    const names = new Set<string>();
    for (const subset of spec.subsets ?? []) {
      if (names.has(subset.name)) {
        const message = `subset ${subset.name} is there twice`;
        problems.push(problemAt(siteOf(subset, "name"), message, { code: schemaCode }));
      }
      names.add(subset.name);
      const wanted = subset.labels ?? {};
      // Slices without their Pods say nothing about labels.
      const known = services.filter((service) => backendsOf(mesh, service).length > 0);
      const served = known.some((service) =>
        backendsOf(mesh, service).some(({ labels }) => selects(wanted, labels)),
      );
      if (known.length === 0 || served) continue;
      const message = `subset ${subset.name} selects no workload: none has the labels ${JSON.stringify(wanted)}`;
      const options = { code: "IST0173", severity: "warning" } as const;
      problems.push(problemAt(siteOf(subset), message, options));
    }
    return problems;
  });
}
