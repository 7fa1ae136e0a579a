import { namespaceOf } from "../kinds/resource.ts";
import type { HttpMatch, HttpRoute, VirtualService } from "../kinds/virtual-service.ts";
import type { Mesh } from "../model/mesh.ts";
import { selects } from "../model/visibility.ts";
import type { Workload } from "../model/workloads.ts";
import { rulesOf } from "./delegate.ts";
import { faultConfig, faultFilter } from "./fault.ts";
import { headerOperations } from "./header-operations.ts";
import { given, type JsonObject } from "./json.ts";
import { configPath } from "./names.ts";
import {
  destinationCluster,
  directResponseAction,
  type RouteScope,
  redirectAction,
  routeAction,
} from "./route-action.ts";
import { isCatchAll, operationPath, routeMatch } from "./route-match.ts";

/** For which proxy, and on which of its ports, the rules of a VirtualService are looked at. */
export interface RuleScope {
  readonly mesh: Mesh;
  readonly workload: Workload;
  /** `mesh` for a sidecar, `namespace/name` of the Gateways of a gateway's listener. */
  readonly gateways: ReadonlySet<string>;
  readonly listenPort: number;
}

/** Routes in the order they are tried; a rule that takes everything ends the list. */
export function routesOf(virtualService: VirtualService, scope: RuleScope): JsonObject[] {
  const routes: JsonObject[] = [];
  for (const { rule, namespace } of rulesOf(virtualService, scope.mesh)) {
    const matches = rule.match ?? [];
    for (const match of matches.length === 0 ? [undefined] : matches) {
      if (!applies(match, scope, namespaceOf(virtualService))) continue;
      const { mesh, listenPort } = scope;
      const rendered = route(virtualService, rule, match, { mesh, namespace, listenPort });
      routes.push(rendered);
      if (isCatchAll(rendered["match"] as JsonObject)) return routes;
    }
  }
  return routes;
}

/** `port`, `gateways`, `sourceLabels` and `sourceNamespace` are decided here, once per proxy. */
function applies(match: HttpMatch | undefined, scope: RuleScope, namespace: string): boolean {
  if (match === undefined) return true;
  if (match.port !== undefined && match.port !== scope.listenPort) return false;
  const { gateways = [], sourceLabels = {}, sourceNamespace } = match;
  if (gateways.length > 0) {
    return gateways.some((name) => scope.gateways.has(gatewayName(name, namespace)));
  }
  if (!selects(sourceLabels, scope.workload.labels)) return false;
  return sourceNamespace === undefined || sourceNamespace === scope.workload.namespace;
}

/** `mesh`, or `namespace/name` of a Gateway; a bare name is in the VirtualService's own namespace. */
export function gatewayName(name: string, namespace: string): string {
  return name === "mesh" || name.includes("/") ? name : `${namespace}/${name}`;
}

function route(
  virtualService: VirtualService,
  rule: HttpRoute,
  match: HttpMatch | undefined,
  scope: RouteScope,
): JsonObject {
  const { name } = virtualService.metadata;
  const namespace = namespaceOf(virtualService);
  const [only] = rule.route ?? [];
  const single = rule.route?.length === 1 ? only : undefined;
  const ofRule = headerOperations(rule.headers);
  const ofDestination = headerOperations(single?.headers);
  const routeName = [rule.name ?? "", ...(match?.name === undefined ? [] : [match.name])].join(".");
  const path = operationPath(match);
  const operation =
    single === undefined || isLocal(rule)
      ? `${name}:${scope.listenPort}${path}`
      : `${clusterTarget(destinationCluster(single.destination, scope))}${path}`;
  return {
    ...given("name", routeName === "" ? undefined : routeName),
    match: routeMatch(match),
    ...action(rule, scope),
    metadata: {
      filter_metadata: { istio: { config: configPath("virtual-service", namespace, name) } },
    },
    decorator: { operation },
    ...given("request_headers_to_add", [...ofRule.requestAdd, ...ofDestination.requestAdd]),
    ...given("request_headers_to_remove", [
      ...ofRule.requestRemove,
      ...ofDestination.requestRemove,
    ]),
    ...given("response_headers_to_add", [...ofRule.responseAdd, ...ofDestination.responseAdd]),
    ...given("response_headers_to_remove", [
      ...ofRule.responseRemove,
      ...ofDestination.responseRemove,
    ]),
    ...(rule.fault === undefined
      ? {}
      : { typed_per_filter_config: { [faultFilter]: faultConfig(rule.fault) } }),
  };
}

/** Answered by the proxy itself. */
function isLocal(rule: HttpRoute): boolean {
  return rule.redirect !== undefined || rule.directResponse !== undefined;
}

/** `<host>:<port>` of an outbound cluster's name. */
function clusterTarget(cluster: string): string {
  const [, port, , host] = cluster.split("|");
  return `${host}:${port}`;
}

function action(rule: HttpRoute, scope: RouteScope): JsonObject {
  if (rule.redirect !== undefined) {
    return { redirect: redirectAction(rule.redirect, scope.listenPort) };
  }
  if (rule.directResponse !== undefined) {
    return { direct_response: directResponseAction(rule.directResponse) };
  }
  return { route: routeAction(rule, scope) };
}
