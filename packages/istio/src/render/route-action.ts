import { writeDuration } from "../decode/scalars.ts";
import type { Destination } from "../kinds/http-destination.ts";
import type { DirectResponse, Percentage, Redirect } from "../kinds/http-policies.ts";
import type { HttpRoute } from "../kinds/virtual-service.ts";
import { expandHost } from "../model/hosts.ts";
import { findService, type Mesh } from "../model/mesh.ts";
import { millionths } from "./fault.ts";
import { headerOperations } from "./header-operations.ts";
import { given, type JsonObject } from "./json.ts";
import { outboundCluster } from "./names.ts";
import { retryPolicy } from "./retry-policy.ts";

/** What the translation of a route depends on besides the route itself. */
export interface RouteScope {
  readonly mesh: Mesh;
  /** Namespace of the VirtualService: short host names belong to it. */
  readonly namespace: string;
  /** Of the service port or the gateway server the routes are for. */
  readonly listenPort: number;
}

/** The given port, else the service's only one, else the listener's. */
export function destinationCluster(destination: Destination, scope: RouteScope): string {
  const host = expandHost(destination.host, scope.namespace);
  const ports = findService(scope.mesh, host)?.ports ?? [];
  const only = ports.length === 1 ? ports[0]?.port : undefined;
  const port = destination.port?.number ?? only ?? scope.listenPort;
  return outboundCluster(port, destination.subset ?? "", host);
}

export function redirectAction(redirect: Redirect, listenPort: number): JsonObject {
  const { uri, authority, scheme, derivePort, redirectCode } = redirect;
  let port = derivePort === "FROM_REQUEST_PORT" ? listenPort : redirect.port;
  const standard = (scheme ?? "http") === "https" ? 443 : 80;
  if (port === standard) port = undefined;
  const codes: Readonly<Record<number, string>> = {
    302: "FOUND",
    303: "SEE_OTHER",
    307: "TEMPORARY_REDIRECT",
    308: "PERMANENT_REDIRECT",
  };
  return {
    ...given("host_redirect", authority),
    ...given("path_redirect", uri),
    ...given("scheme_redirect", scheme),
    ...given("port_redirect", port),
    ...given("response_code", codes[redirectCode ?? 301]),
  };
}

export function directResponseAction({ status, body }: DirectResponse): JsonObject {
  const text = body?.string;
  return { status, ...(text === undefined ? {} : { body: { inline_string: text } }) };
}

export function routeAction(rule: HttpRoute, scope: RouteScope): JsonObject {
  const { rewrite, timeout = 0 } = rule;
  const time = writeDuration(timeout);
  const retries = retryPolicy(rule.retries, scope.mesh.resources.meshConfig.defaultHttpRetryPolicy);
  const route = rule.route ?? [];
  const [only] = route;
  const single = route.length === 1 && only !== undefined;
  const authority =
    rewrite?.authority ??
    headerOperations(rule.headers).authority ??
    (single ? headerOperations(only.headers).authority : undefined);
  return {
    ...(single
      ? { cluster: destinationCluster(only.destination, scope) }
      : { weighted_clusters: { clusters: weightedClusters(rule, scope) } }),
    ...given("prefix_rewrite", rewrite?.uri === "" ? undefined : rewrite?.uri),
    ...given("regex_rewrite", regexRewrite(rule)),
    ...given("host_rewrite_literal", authority),
    timeout: time,
    ...given("retry_policy", retries),
    ...given("request_mirror_policies", mirrors(rule, scope)),
    max_grpc_timeout: time,
  };
}

function regexRewrite({ rewrite }: HttpRoute): JsonObject | undefined {
  if (rewrite?.uriRegexRewrite === undefined) return undefined;
  const { match, rewrite: substitution } = rewrite.uriRegexRewrite;
  return { pattern: { regex: match }, substitution };
}

/** The raw weights: their sum need not be 100. A weight of zero keeps a destination out. */
function weightedClusters({ route = [] }: HttpRoute, scope: RouteScope): JsonObject[] {
  return route
    .filter(({ weight = 0 }) => weight > 0)
    .map(({ destination, weight = 0, headers }) => {
      const operations = headerOperations(headers);
      return {
        name: destinationCluster(destination, scope),
        weight,
        ...given("request_headers_to_add", operations.requestAdd),
        ...given("request_headers_to_remove", operations.requestRemove),
        ...given("response_headers_to_add", operations.responseAdd),
        ...given("response_headers_to_remove", operations.responseRemove),
        ...given("host_rewrite_literal", operations.authority),
      };
    });
}

/** Without a percentage everything is mirrored, with an explicit zero nothing. */
function mirrors(rule: HttpRoute, scope: RouteScope): JsonObject[] {
  const all: { destination: Destination; percentage: Percentage | undefined }[] = [];
  if (rule.mirror !== undefined) {
    all.push({ destination: rule.mirror, percentage: rule.mirrorPercentage });
  }
  for (const { destination, percentage } of rule.mirrors ?? [])
    all.push({ destination, percentage });
  return all
    .filter(({ percentage }) => percentage === undefined || (percentage.value ?? 0) > 0)
    .map(({ destination, percentage }) => ({
      cluster: destinationCluster(destination, scope),
      runtime_fraction: {
        default_value:
          percentage === undefined
            ? { numerator: 100, denominator: "HUNDRED" }
            : millionths(percentage),
      },
      // A mirrored request keeps its Host and makes no spans of its own.
      trace_sampled: false,
      disable_shadow_host_suffix_append: true,
    }));
}
