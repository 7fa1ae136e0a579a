/** Routes: domains once, clusters that exist, headers that may be changed. */
import type { Report } from "../decode/scope.ts";
import type { HeaderChanges } from "../header-value-option.ts";
import type { RequestMirrorPolicy, RouteAction } from "../route-action.ts";
import { mirrorPoliciesOf } from "../route-action.ts";
import type { RouteConfiguration } from "../route-configuration.ts";
import type { VirtualHost } from "../virtual-host.ts";
import { problemAt } from "./problem-at.ts";

export function checkRouteConfiguration(
  config: RouteConfiguration,
  clusters: ReadonlySet<string>,
  report: Report,
): void {
  checkHeaderChanges(config, report);
  checkDomains(config, report);
  const known = config.validateClusters === false ? undefined : clusters;
  for (const host of config.virtualHosts) {
    checkVirtualHost(host, known, report);
    if (known !== undefined) checkMirrors(config, host, known, report);
    checkDirectResponses(host, config.maxDirectResponseBodySizeBytes ?? 4096, report);
  }
}

function checkDirectResponses(host: VirtualHost, maxBytes: number, report: Report): void {
  for (const { directResponse } of host.routes) {
    const { inlineString, inlineBytes } = directResponse?.body ?? {};
    const size = inlineBytes?.length ?? Buffer.byteLength(inlineString ?? "");
    if (directResponse === undefined || size <= maxBytes) continue;
    const envoyMessage = `response body size is ${size} bytes; maximum is ${maxBytes}`;
    const message = `${envoyMessage} (max_direct_response_body_size_bytes)`;
    problemAt(directResponse, { stage: "listeners", field: "body", message, envoyMessage }, report);
  }
}

function checkVirtualHost(
  host: VirtualHost,
  clusters: ReadonlySet<string> | undefined,
  report: Report,
): void {
  checkHeaderChanges(host, report);
  for (const route of host.routes) {
    checkHeaderChanges(route, report);
    const { route: action } = route;
    if (action === undefined) continue;
    for (const weight of action.weightedClusters?.clusters ?? [])
      checkHeaderChanges(weight, report);
    if (clusters !== undefined) checkClusterNames(action, clusters, report);
  }
}

/** `clusters` undefined: validate_clusters is false. */
function checkClusterNames(
  action: RouteAction,
  clusters: ReadonlySet<string>,
  report: Report,
): void {
  const check = (name: string | undefined, kind: string, at: object, field: string): void => {
    if (name !== undefined && !clusters.has(name)) unknownCluster(name, kind, at, field, report);
  };
  check(action.cluster, "cluster", action, "cluster");
  for (const weight of action.weightedClusters?.clusters ?? []) {
    check(weight.name, "weighted cluster", weight, "name");
  }
}

/** Policies of an outer level count where a route has none of its own. */
function checkMirrors(
  config: RouteConfiguration,
  host: VirtualHost,
  clusters: ReadonlySet<string>,
  report: Report,
): void {
  const used = new Set<RequestMirrorPolicy>();
  for (const { route } of host.routes) {
    if (route === undefined) continue;
    for (const policy of mirrorPoliciesOf(route, host, config)) used.add(policy);
  }
  for (const policy of used) {
    checkMutations(policy, report);
    const { cluster = "" } = policy;
    if (cluster !== "" && !clusters.has(cluster))
      unknownCluster(cluster, "shadow cluster", policy, "cluster", report);
  }
}

/** Pseudo headers and Host are no matter of mutations. */
function checkMutations({ requestHeadersMutations }: RequestMirrorPolicy, report: Report): void {
  for (const mutation of requestHeadersMutations) {
    const { remove, append } = mutation;
    const changed = append?.header.key ?? remove;
    if (changed === undefined || !isFixed(changed)) continue;
    const verb = append === undefined ? "removed" : "modified";
    const envoyMessage = `:-prefixed or host headers may not be ${verb}`;
    const message = `${JSON.stringify(changed)}: ${envoyMessage}`;
    problemAt(mutation, { stage: "listeners", message, envoyMessage }, report);
  }
}

function isFixed(name: string): boolean {
  return name.startsWith(":") || name.toLowerCase() === "host";
}

function unknownCluster(
  name: string,
  kind: string,
  at: object,
  field: string,
  report: Report,
): void {
  const message = `no cluster is called ${JSON.stringify(name)}`;
  const envoyMessage = `route: unknown ${kind} '${name}'`;
  problemAt(at, { stage: "listeners", field, message, envoyMessage }, report);
}

function checkDomains(config: RouteConfiguration, report: Report): void {
  const seen = new Set<string>();
  for (const host of config.virtualHosts) {
    host.domains.forEach((written, index) => {
      const domain = written.toLowerCase();
      if (seen.has(domain)) {
        const inRoute = `in route ${config.name ?? ""}`;
        const envoyMessage =
          domain === "*"
            ? `Only a single wildcard domain is permitted ${inRoute}`
            : `Only unique values for domains are permitted. Duplicate entry of domain ${domain} ${inRoute}`;
        const message = `the domain ${JSON.stringify(written)} has been given already`;
        problemAt(
          host,
          { stage: "listeners", field: "domains", index, message, envoyMessage },
          report,
        );
      }
      seen.add(domain);
    });
  }
}

/** Pseudo headers and Host have rewrites of their own. */
function checkHeaderChanges(level: HeaderChanges, report: Report): void {
  const check = (names: readonly string[], field: string, verb: "modified" | "removed"): void => {
    names.forEach((name, index) => {
      if (!isFixed(name)) return;
      const envoyMessage = `:-prefixed or host headers may not be ${verb}`;
      const message = `${JSON.stringify(name)}: ${envoyMessage}`;
      problemAt(level, { stage: "listeners", field, index, message, envoyMessage }, report);
    });
  };
  const keys = (options: HeaderChanges["requestHeadersToAdd"]): string[] =>
    options.map(({ header }) => header.key);
  check(keys(level.requestHeadersToAdd), "request_headers_to_add", "modified");
  check(keys(level.responseHeadersToAdd), "response_headers_to_add", "modified");
  check(level.requestHeadersToRemove, "request_headers_to_remove", "removed");
  check(level.responseHeadersToRemove, "response_headers_to_remove", "removed");
}
