import { siteOf } from "../decode/sites.ts";
import type { Destination } from "../kinds/http-destination.ts";
import { namespaceOf, qualifiedName } from "../kinds/resource.ts";
import type { HttpRoute, VirtualService } from "../kinds/virtual-service.ts";
import { expandHost } from "../model/hosts.ts";
import { destinationRuleFor, findService, type Mesh } from "../model/mesh.ts";
import { visibleFrom } from "../model/visibility.ts";
import { type Problem, problemAt } from "../problem.ts";
import { findDelegate } from "../render/delegate.ts";
import { gatewayName } from "../render/routes.ts";

const notFound = { code: "IST0101" } as const;

/** IST0101: hosts, subsets, ports, gateways and delegates that nothing in the manifests answers to. */
export function references(mesh: Mesh): Problem[] {
  return mesh.resources.virtualServices.flatMap((virtualService) => [
    ...gateways(mesh, virtualService),
    ...(virtualService.spec.http ?? []).flatMap((rule) => rules(mesh, virtualService, rule)),
  ]);
}

function gateways(mesh: Mesh, virtualService: VirtualService): Problem[] {
  const namespace = namespaceOf(virtualService);
  const known = new Set(mesh.resources.gateways.map(qualifiedName));
  const lists = [
    virtualService.spec.gateways ?? [],
    ...(virtualService.spec.http ?? []).flatMap(({ match = [] }) =>
      match.map(({ gateways: names = [] }) => names),
    ),
  ];
  return lists.flatMap((names) =>
    names.flatMap((name, index) => {
      const full = gatewayName(name, namespace);
      if (full === "mesh" || known.has(full)) return [];
      const message = `unknown gateway ${JSON.stringify(name)}: ${among([...known, "mesh"])}`;
      return [problemAt(siteOf(names, index), message, notFound)];
    }),
  );
}

function rules(mesh: Mesh, virtualService: VirtualService, rule: HttpRoute): Problem[] {
  const targets = [
    ...(rule.route ?? []).map(({ destination }) => destination),
    ...(rule.mirror === undefined ? [] : [rule.mirror]),
    ...(rule.mirrors ?? []).map(({ destination }) => destination),
  ];
  const problems = targets.flatMap((target) => destination(mesh, virtualService, target));
  if (
    rule.delegate !== undefined &&
    findDelegate(virtualService, rule.delegate, mesh) === undefined
  ) {
    const { name, namespace = namespaceOf(virtualService) } = rule.delegate;
    const message = `unknown delegate ${namespace}/${name}: it names a VirtualService without hosts`;
    problems.push(problemAt(siteOf(rule.delegate, "name"), message, notFound));
  }
  return problems;
}

function destination(mesh: Mesh, from: VirtualService, target: Destination): Problem[] {
  const namespace = namespaceOf(from);
  const host = expandHost(target.host, namespace);
  const service = findService(mesh, host);
  const at = (field: string) => siteOf(target, field);
  if (service === undefined || !visibleFrom(service.exportTo, service.namespace, namespace)) {
    const local = mesh.services.filter((item) => item.namespace === namespace);
    const message = `unknown host ${JSON.stringify(target.host)} (${host}): ${among(local.map(({ name }) => name))}`;
    return [problemAt(at("host"), message, notFound)];
  }
  const problems: Problem[] = [];
  const ports = service.ports.map(({ port }) => port);
  if (target.port !== undefined && !ports.includes(target.port.number)) {
    const message = `host ${target.host} has no port ${target.port.number}: ${among(ports)}`;
    problems.push(problemAt(siteOf(target.port, "number"), message, notFound));
  }
  if (target.port === undefined && ports.length > 1) {
    const message = `host ${target.host} has several ports, the destination needs one of ${ports.join(", ")}`;
    problems.push(problemAt(at("host"), message, { code: "IST0112" }));
  }
  if (target.subset !== undefined) {
    const subsets =
      destinationRuleFor(mesh, service, namespace)?.subsets.map(({ name }) => name) ?? [];
    if (!subsets.includes(target.subset)) {
      const message = `unknown subset ${JSON.stringify(target.subset)} of ${target.host}: ${among(subsets)}`;
      problems.push(problemAt(at("subset"), message, notFound));
    }
  }
  return problems;
}

export function among(known: readonly (string | number)[]): string {
  return known.length === 0 ? "there is none" : `known are ${known.join(", ")}`;
}
