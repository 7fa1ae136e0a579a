import { schemaCode } from "../decode/scalars.ts";
import { siteOf } from "../decode/sites.ts";
import type { HttpRoute, VirtualService } from "../kinds/virtual-service.ts";
import { type Problem, problemAt } from "../problem.ts";
import type { Resources } from "../resources.ts";

/** IST0106 for VirtualServices: what each field allows but their combination does not. */
export function routeRules(resources: Resources): Problem[] {
  return resources.virtualServices.flatMap((virtualService) => [
    ...hosts(virtualService),
    ...(virtualService.spec.http ?? []).flatMap(rule),
  ]);
}

function schema(where: object, field: string | undefined, message: string): Problem {
  return problemAt(siteOf(where, field), message, { code: schemaCode });
}

function hosts({ metadata, spec }: VirtualService): Problem[] {
  const { hosts: names = [], gateways = [], http = [] } = spec;
  const problems: Problem[] = [];
  const inMesh = gateways.length === 0 || gateways.includes("mesh");
  const star = names.indexOf("*");
  if (inMesh && star >= 0) {
    const message = "host * is for gateways, in the mesh a VirtualService names its hosts";
    problems.push(schema(spec.hosts ?? spec, String(star), message));
  }
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index) {
      problems.push(schema(spec.hosts ?? spec, String(index), `host ${name} is listed twice`));
    }
  });
  // Without hosts it can only be a delegate.
  if (names.length === 0 && gateways.length > 0) {
    problems.push(schema(spec, "gateways", "a VirtualService without hosts has no gateways"));
  }
  if (http.length === 0) {
    const message = `VirtualService ${metadata.name} has no rules: http is empty`;
    problems.push(schema(spec, "http", message));
  }
  return problems;
}

function rule(item: HttpRoute): Problem[] {
  const actions = (["route", "redirect", "directResponse", "delegate"] as const).filter((key) => {
    const value = item[key];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  const problems: Problem[] = [];
  if (actions.length === 0) {
    const message = "the rule does nothing: it needs route, redirect, directResponse or delegate";
    problems.push(schema(item, undefined, message));
  }
  if (actions.length > 1) {
    const message = `${actions.join(" and ")} in one rule, only one is allowed`;
    problems.push(schema(item, actions[1], message));
  }
  const route = item.route ?? [];
  const total = route.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (route.length > 1 && total === 0) {
    const message = "the weights add up to 0: nothing would be routed";
    problems.push(schema(item, "route", message));
  }
  if (item.mirror !== undefined && (item.mirrors ?? []).length > 0) {
    problems.push(schema(item, "mirrors", "mirror and mirrors in one rule, only one is allowed"));
  }
  const own = ["rewrite", "retries", "mirror", "timeout"] as const;
  for (const key of own) {
    if (item[key] === undefined || route.length > 0 || item.delegate !== undefined) continue;
    problems.push(
      schema(item, key, `${key} needs a route: ${actions[0] ?? "the rule"} is answered at once`),
    );
  }
  return problems;
}
