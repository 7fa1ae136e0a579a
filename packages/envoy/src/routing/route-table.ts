/** From a route configuration to the route of a request. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_routing */
import { existsSync } from "node:fs";
import type { DataSource } from "../config/data-source.ts";
import type { HeaderChanges } from "../config/header-value-option.ts";
import type { Route as RouteConfig } from "../config/route.ts";
import { mirrorPoliciesOf, type RouteAction as RouteActionConfig } from "../config/route-action.ts";
import type { RouteConfiguration } from "../config/route-configuration.ts";
import type { VirtualHost as VirtualHostConfig } from "../config/virtual-host.ts";
import type { ClusterWeight } from "../config/weighted-cluster.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { inlineRequestHeaders, inlineResponseHeaders } from "../http/inline-headers.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { readDataSource } from "./data-source.ts";
import { compileHashPolicies } from "./hash-policy.ts";
import { requestHeaderName } from "./header-name.ts";
import { type CompileFormat, HeaderRules } from "./header-rules.ts";
import { compileMirrorPolicy } from "./mirror-policy.ts";
import { compilePathRewrite, compileSubstitution } from "./path-rewrite.ts";
import { compileRedirect } from "./redirect.ts";
import { compileRetryPolicy } from "./retry-policy.ts";
import {
  type ForwardAction,
  type HostRewrite,
  type RouteAction,
  RouteEntry,
} from "./route-entry.ts";
import { compileRouteMatch, pathMatchOf, type RouteTest } from "./route-match.ts";
import { VirtualHosts } from "./virtual-hosts.ts";

const defaultTimeoutMs = 15_000;

export interface RouteTableDependencies {
  readonly runtime: Runtime;
  readonly compileFormat: CompileFormat;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A route with the entries it can turn out as: one, or one for each weighted cluster. */
interface Route {
  readonly test: RouteTest;
  readonly entries: readonly RouteEntry[];
  /** Running totals of the weights, read when asked because runtime may change them. */
  readonly weights: (() => readonly number[]) | undefined;
}

interface VirtualHost {
  readonly name: string;
  readonly requireTls: "NONE" | "EXTERNAL_ONLY" | "ALL";
  readonly routes: readonly Route[];
}

export type RouteResult =
  | { readonly kind: "route"; readonly entry: RouteEntry }
  | { readonly kind: "tls-redirect" }
  | { readonly kind: "none" };

const none: RouteResult = { kind: "none" };
const tlsRedirect: RouteResult = { kind: "tls-redirect" };

export class RouteTable {
  readonly #hosts: VirtualHosts<VirtualHost>;
  /** One result object an entry: finding a route allocates nothing. */
  readonly #results = new Map<RouteEntry, RouteResult>();

  constructor(config: RouteConfiguration, dependencies: RouteTableDependencies) {
    this.#hosts = new VirtualHosts(
      config.virtualHosts.map((host) => [
        host.domains,
        {
          name: host.name,
          requireTls: host.requireTls ?? "NONE",
          routes: host.routes.map((route) => compileRoute(config, host, route, dependencies)),
        },
      ]),
      config.ignorePortInHostMatching,
    );
  }

  find(headers: HeaderMap, random: number, internal: boolean): RouteResult {
    // Envoy takes an empty one for a request whose headers were never completed.
    if (headers.get("x-forwarded-proto") === "") return none;
    const host = this.#hosts.find(headers.get(":authority") ?? "");
    if (host === undefined) return none;
    if (host.requireTls !== "NONE" && headers.get("x-forwarded-proto") !== "https") {
      if (host.requireTls === "ALL" || !internal) return tlsRedirect;
    }
    for (const route of host.routes) {
      if (!route.test(headers, random)) continue;
      const entry = pick(route, random);
      return entry === undefined ? none : this.#result(entry);
    }
    return none;
  }

  #result(entry: RouteEntry): RouteResult {
    let result = this.#results.get(entry);
    if (result === undefined) {
      result = { kind: "route", entry };
      this.#results.set(entry, result);
    }
    return result;
  }
}

function pick(route: Route, random: number): RouteEntry | undefined {
  if (route.weights === undefined) return route.entries[0];
  const totals = route.weights();
  const total = totals.at(-1) ?? 0;
  if (total === 0) return undefined;
  const drawn = random % total;
  return route.entries[totals.findIndex((limit) => drawn < limit)];
}

function compileRoute(
  table: RouteConfiguration,
  host: VirtualHostConfig,
  route: RouteConfig,
  dependencies: RouteTableDependencies,
): Route {
  const test = compileRouteMatch(route.match, dependencies.runtime);
  const weighted = route.route?.weightedClusters;
  if (weighted === undefined)
    return {
      test,
      entries: [compileEntry(table, host, route, undefined, dependencies)],
      weights: undefined,
    };
  const { clusters, runtimeKeyPrefix } = weighted;
  const { runtime } = dependencies;
  return {
    test,
    entries: clusters.map((cluster) => compileEntry(table, host, route, cluster, dependencies)),
    weights: () => {
      let sum = 0;
      return clusters.map(({ name, weight }) => {
        const key = `${runtimeKeyPrefix}.${name}`;
        sum += (runtimeKeyPrefix === undefined ? undefined : runtime.getNumber(key)) ?? weight;
        return sum;
      });
    },
  };
}

function compileEntry(
  table: RouteConfiguration,
  host: VirtualHostConfig,
  route: RouteConfig,
  weighted: ClusterWeight | undefined,
  dependencies: RouteTableDependencies,
): RouteEntry {
  const levels: HeaderChanges[] = [route, host, table];
  // The last level to write wins: normally the route configuration, the other way round on request.
  if (table.mostSpecificHeaderMutationsWins) levels.reverse();
  // A weighted cluster's changes come before all others in either case (measured, Envoy 1.40).
  if (weighted !== undefined) levels.unshift(weighted);
  const filterConfigs = [route, host, table].map((level) => level.typedPerFilterConfig);
  if (weighted !== undefined) filterConfigs.unshift(weighted.typedPerFilterConfig);
  const { compileFormat } = dependencies;
  return new RouteEntry({
    name: route.name ?? "",
    virtualHostName: host.name,
    route,
    action: compileAction(host, route, weighted, table, dependencies),
    filterConfigs,
    requestRules: levels.map(
      (level) =>
        new HeaderRules(
          level.requestHeadersToAdd,
          level.requestHeadersToRemove,
          inlineRequestHeaders,
          compileFormat,
        ),
    ),
    responseRules: levels.map(
      (level) =>
        new HeaderRules(
          level.responseHeadersToAdd,
          level.responseHeadersToRemove,
          inlineResponseHeaders,
          compileFormat,
        ),
    ),
  });
}

function compileAction(
  host: VirtualHostConfig,
  route: RouteConfig,
  weighted: ClusterWeight | undefined,
  table: RouteConfiguration,
  dependencies: RouteTableDependencies,
): RouteAction {
  if (route.redirect !== undefined)
    return {
      kind: "redirect",
      redirect: compileRedirect(route.redirect, pathMatchOf(route.match)),
    };
  if (route.directResponse !== undefined) {
    const { status, body } = route.directResponse;
    return { kind: "direct-response", status, body: readBody(body, dependencies.env) };
  }
  // A non_forwarding_action is for servers other than proxies: Envoy answers such a route with 404's sibling, an empty 200 is not given.
  if (route.route === undefined)
    return { kind: "direct-response", status: 404, body: Buffer.alloc(0) };
  return compileForward(host, route, route.route, weighted, table, dependencies);
}

const notFoundStatuses = {
  SERVICE_UNAVAILABLE: 503,
  NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
} as const;

function compileForward(
  host: VirtualHostConfig,
  route: RouteConfig,
  action: RouteActionConfig,
  weighted: ClusterWeight | undefined,
  table: RouteConfiguration,
  { runtime, compileFormat }: RouteTableDependencies,
): ForwardAction {
  const { clusterHeader } = weighted ?? action;
  return {
    kind: "forward",
    cluster: weighted === undefined ? action.cluster : weighted.name,
    clusterHeader: clusterHeader === undefined ? undefined : requestHeaderName(clusterHeader),
    clusterNotFoundStatus:
      notFoundStatuses[action.clusterNotFoundResponseCode ?? "SERVICE_UNAVAILABLE"],
    timeoutMs: action.timeoutMs ?? defaultTimeoutMs,
    idleTimeoutMs: action.idleTimeoutMs,
    maxStreamDuration: action.maxStreamDuration,
    maxGrpcTimeoutMs: action.maxGrpcTimeoutMs,
    grpcTimeoutOffsetMs: action.grpcTimeoutOffsetMs,
    retryPolicy: compileRetryPolicy(action.retryPolicy ?? host.retryPolicy),
    priority: action.priority ?? "DEFAULT",
    hash: compileHashPolicies(action.hashPolicy),
    rewritePath: compilePathRewrite(
      pathMatchOf(route.match),
      action.prefixRewrite,
      action.regexRewrite,
    ),
    weightedHost: weighted?.hostRewriteLiteral === "" ? undefined : weighted?.hostRewriteLiteral,
    rewriteHost: compileHostRewrite(action),
    appendXForwardedHost: action.appendXForwardedHost,
    includeAttemptCountInRequest: host.includeRequestAttemptCount,
    includeAttemptCountInResponse: host.includeAttemptCountInResponse,
    includeIsTimeoutRetry: host.includeIsTimeoutRetryHeader,
    mirrors: mirrorPoliciesOf(action, host, table).map((policy) =>
      compileMirrorPolicy(policy, runtime, compileFormat),
    ),
    upgrades: new Map(
      action.upgradeConfigs.map(({ upgradeType, enabled = true }) => [
        upgradeType.toLowerCase(),
        enabled,
      ]),
    ),
    bufferLimitBytes:
      route.requestBodyBufferLimit ??
      route.perRequestBufferLimitBytes ??
      host.requestBodyBufferLimit ??
      host.perRequestBufferLimitBytes,
  };
}

function compileHostRewrite(action: RouteActionConfig): HostRewrite | undefined {
  const literal = action.hostRewriteLiteral;
  if (literal !== undefined && literal !== "") return { kind: "literal", host: literal };
  if (action.hostRewriteHeader !== undefined)
    return { kind: "header", name: requestHeaderName(action.hostRewriteHeader) };
  if (action.hostRewritePathRegex !== undefined)
    return { kind: "path", rewrite: compileSubstitution(action.hostRewritePathRegex) };
  return action.autoHostRewrite === true ? { kind: "endpoint" } : undefined;
}

function readBody(source: DataSource | undefined, env: RouteTableDependencies["env"]): Buffer {
  const { filename } = source ?? {};
  if (filename !== undefined && !existsSync(filename))
    throw new Error(`file ${filename} does not exist`);
  return readDataSource(source, env);
}
