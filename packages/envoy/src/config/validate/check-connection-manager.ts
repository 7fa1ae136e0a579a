/** Connection managers: the order of http filters, the tracer's cluster, the routes. */
import type { Report } from "../decode/scope.ts";
import type { HttpConnectionManager } from "../http-connection-manager.ts";
import type { HttpFilter } from "../http-filter.ts";
import { checkRouteConfiguration } from "./check-route-configuration.ts";
import { checkTracingProvider } from "./check-tracing-provider.ts";
import { problemAt } from "./problem-at.ts";

/** Envoy's names of the implementations, which its messages call the type. */
const filterTypes: Readonly<Record<HttpFilter["config"]["type"], string>> = {
  Router: "envoy.filters.http.router",
  HTTPFault: "envoy.filters.http.fault",
  Buffer: "envoy.filters.http.buffer",
  HealthCheck: "envoy.filters.http.health_check",
  Compressor: "envoy.filters.http.compressor",
  Cors: "envoy.filters.http.cors",
  CsrfPolicy: "envoy.filters.http.csrf",
  LocalRateLimit: "envoy.filters.http.local_ratelimit",
  ExtAuthz: "envoy.filters.http.ext_authz",
  GrpcHttp1Bridge: "envoy.filters.http.grpc_http1_bridge",
};

export function checkConnectionManager(
  manager: HttpConnectionManager,
  clusters: ReadonlySet<string>,
  report: Report,
): void {
  checkRouteConfiguration(manager.routeConfig, clusters, report);
  if (manager.tracing?.provider !== undefined) {
    checkTracingProvider(manager.tracing.provider, clusters, report);
  }
  checkOrder(manager.httpFilters, report);
}

function checkOrder(filters: readonly HttpFilter[], report: Report): void {
  filters.forEach((filter, index) => {
    const isLast = index === filters.length - 1;
    const isTerminal = filter.config.type === "Router";
    const type = filterTypes[filter.config.type];
    const add = (message: string, envoyMessage: string): void =>
      problemAt(filter, { stage: "listeners", message, envoyMessage }, report);
    if (isLast && !isTerminal) {
      add(
        `the last http filter has to be the router, here it is ${JSON.stringify(filter.name)}`,
        `Error: non-terminal filter named ${filter.name} of type ${type} is the last filter in a http filter chain.`,
      );
    } else if (!isLast && isTerminal) {
      add(
        "nothing can come after the router",
        `Error: terminal filter named ${filter.name} of type ${type} must be the last filter in a http filter chain.`,
      );
    } else if (isLast && filter.disabled) {
      add(
        "the router cannot be disabled",
        `Error: the last (terminal) filter (${filter.name}) in the chain cannot be disabled by default.`,
      );
    }
  });
}
