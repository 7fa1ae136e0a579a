import { namespaceOf } from "../kinds/resource.ts";
import type { StringMatch } from "../kinds/string-match.ts";
import type { HttpMatch, HttpRoute, VirtualService } from "../kinds/virtual-service.ts";
import type { Mesh } from "../model/mesh.ts";
import { visibleFrom } from "../model/visibility.ts";

/** A rule together with the namespace that short host names in it belong to. */
export interface ScopedRule {
  readonly rule: HttpRoute;
  readonly namespace: string;
}

/** The rules of a VirtualService with those of its delegates in place of the rules that point at them. */
export function rulesOf(root: VirtualService, mesh: Mesh): ScopedRule[] {
  const namespace = namespaceOf(root);
  return (root.spec.http ?? []).flatMap((rule) => {
    if (rule.delegate === undefined) return [{ rule, namespace }];
    const child = findDelegate(root, rule.delegate, mesh);
    if (child === undefined) return [];
    return (child.spec.http ?? []).flatMap((own) => {
      const merged = mergeRules(rule, own);
      return merged === undefined ? [] : [{ rule: merged, namespace: namespaceOf(child) }];
    });
  });
}

export function findDelegate(
  root: VirtualService,
  delegate: NonNullable<HttpRoute["delegate"]>,
  mesh: Mesh,
): VirtualService | undefined {
  const namespace = delegate.namespace ?? namespaceOf(root);
  return mesh.virtualServices.find(
    (item) =>
      item.metadata.name === delegate.name &&
      namespaceOf(item) === namespace &&
      (item.spec.hosts ?? []).length === 0 &&
      visibleFrom(item.spec.exportTo, namespace, namespaceOf(root)),
  );
}

/** The delegate's own settings count before the root's. `undefined` when no match of the two fits together. */
function mergeRules(root: HttpRoute, child: HttpRoute): HttpRoute | undefined {
  const match = mergeMatches(root.match ?? [], child.match ?? []);
  if (match === undefined) return undefined;
  const names = [root.name, child.name].filter((name) => name !== undefined);
  const { delegate: _, ...inherited } = root;
  const merged: HttpRoute = { ...inherited, ...child, match };
  return names.length === 0 ? merged : { ...merged, name: names.join("-") };
}

function mergeMatches(
  root: readonly HttpMatch[],
  child: readonly HttpMatch[],
): readonly HttpMatch[] | undefined {
  if (root.length === 0) return child;
  if (child.length === 0) return root;
  const merged = child.flatMap((own) =>
    root.flatMap((outer) => {
      const both = mergeMatch(outer, own);
      return both === undefined ? [] : [both];
    }),
  );
  return merged.length === 0 ? undefined : merged;
}

function mergeMatch(root: HttpMatch, child: HttpMatch): HttpMatch | undefined {
  const uri = mergePath(root.uri, child.uri);
  if (uri === "conflict") return undefined;
  for (const key of ["port", "sourceNamespace"] as const) {
    if (root[key] !== undefined && child[key] !== undefined && root[key] !== child[key]) {
      return undefined;
    }
  }
  const merged: HttpMatch = {
    ...root,
    ...child,
    headers: { ...root.headers, ...child.headers },
    withoutHeaders: { ...root.withoutHeaders, ...child.withoutHeaders },
    queryParams: { ...root.queryParams, ...child.queryParams },
    sourceLabels: { ...root.sourceLabels, ...child.sourceLabels },
  };
  const names = [root.name, child.name].filter((name) => name !== undefined);
  const name = names.length === 0 ? {} : { name: names.join("-") };
  return { ...merged, ...name, ...(uri === undefined ? {} : { uri }) };
}

/** The narrower of the two where one lies inside the other. */
function mergePath(
  root: StringMatch | undefined,
  child: StringMatch | undefined,
): StringMatch | undefined | "conflict" {
  if (root === undefined || child === undefined) return child ?? root;
  if (root.kind === "prefix" && (child.kind === "prefix" || child.kind === "exact")) {
    return child.value.startsWith(root.value) ? child : "conflict";
  }
  if (root.kind === "exact" && child.kind === "exact" && root.value === child.value) return child;
  return "conflict";
}
