/** /clusters and /listeners. https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--clusters */
import type { Cluster } from "../upstream/cluster.ts";
import type { Host } from "../upstream/host.ts";
import { type AdminEndpoint, badRequest, jsonAnswer } from "./admin-endpoint.ts";

export const clustersEndpoint: AdminEndpoint = {
  path: "/clusters",
  help: "upstream cluster status",
  parameters: [
    { name: "filter", help: "Regular expression (Google re2) for filtering clusters by name" },
    { name: "format", help: "File format to use; One of (text, json)" },
  ],
  answer({ query }, { context }) {
    const filter = parseFilter(query.get("filter"));
    if (filter === undefined) return badRequest("Invalid re2 regex");
    const clusters = [...context.clusters.all()].filter(({ name }) => filter.test(name));
    if (query.get("format") === "json")
      return jsonAnswer(
        clusters.length === 0 ? {} : { cluster_statuses: clusters.map(clusterMessage) },
      );
    return { body: clusters.map(clusterText).join("") };
  },
};

export const listenersEndpoint: AdminEndpoint = {
  path: "/listeners",
  help: "print listener info",
  parameters: [{ name: "format", help: "File format to use; One of (text, json)" }],
  answer({ query }, { listeners }) {
    if (query.get("format") !== "json") {
      const lines = listeners().map(
        ({ name, listener: { address, port } }) => `${name}::${address}:${port}\n`,
      );
      return { body: lines.join("") };
    }
    return jsonAnswer({
      listener_statuses: listeners().map(({ name, listener: { address, port } }) => ({
        name,
        local_address: { socket_address: { address, port_value: port } },
      })),
    });
  },
};

/** Undefined: it is no regular expression. */
function parseFilter(pattern: string | null): RegExp | undefined {
  try {
    return new RegExp(pattern ?? "");
  } catch {
    // What was asked for cannot be: the caller says so.
    return undefined;
  }
}

function clusterText(cluster: Cluster): string {
  const lines = [`observability_name::${cluster.config.altStatName ?? cluster.name}`];
  for (const [name, { limits }] of [
    ["default_priority", cluster.breakers.DEFAULT],
    ["high_priority", cluster.breakers.HIGH],
  ] as const) {
    lines.push(
      `${name}::max_connections::${limits.maxConnections}`,
      `${name}::max_pending_requests::${limits.maxPendingRequests}`,
      `${name}::max_requests::${limits.maxRequests}`,
      `${name}::max_retries::${limits.maxRetries}`,
    );
  }
  lines.push("added_via_api::false");
  for (const host of cluster.hosts) {
    for (const [key, value] of hostValues(host)) lines.push(`${host.name}::${key}::${value}`);
  }
  return lines.map((line) => `${cluster.name}::${line}\n`).join("");
}

function hostValues(host: Host): readonly (readonly [string, string | number])[] {
  const { stats, locality } = host;
  return [
    ["cx_active", stats.cxActive],
    ["cx_connect_fail", stats.cxConnectFail],
    ["cx_total", stats.cxTotal],
    ["rq_active", host.activeRequests],
    ["rq_error", stats.rqError],
    ["rq_pending_active", host.pendingStreams],
    ["rq_success", stats.rqSuccess],
    ["rq_timeout", stats.rqTimeout],
    ["rq_total", stats.rqTotal],
    ["hostname", host.hostname],
    ["health_flags", healthFlagsText(host)],
    ["weight", host.weight],
    ["region", locality?.region ?? ""],
    ["zone", locality?.zone ?? ""],
    ["sub_zone", locality?.subZone ?? ""],
    ["canary", "false"],
    ["priority", host.priority],
    ["success_rate", -1],
    ["local_origin_success_rate", -1],
  ];
}

/** Zero values are left out, as in the protobuf JSON mapping. */
function clusterMessage(cluster: Cluster): Record<string, unknown> {
  const thresholds = [cluster.breakers.DEFAULT, cluster.breakers.HIGH].map(({ limits }, i) => ({
    ...(i === 0 ? {} : { priority: "HIGH" }),
    max_connections: limits.maxConnections,
    max_pending_requests: limits.maxPendingRequests,
    max_requests: limits.maxRequests,
    max_retries: limits.maxRetries,
  }));
  return {
    name: cluster.name,
    ...(cluster.hosts.length === 0 ? {} : { host_statuses: cluster.hosts.map(hostMessage) }),
    circuit_breakers: { thresholds },
    observability_name: cluster.config.altStatName ?? cluster.name,
  };
}

function hostMessage(host: Host): Record<string, unknown> {
  const { stats, locality } = host;
  const counter = (name: string, value: number): Record<string, unknown> => ({
    ...(value === 0 ? {} : { value: String(value) }),
    name,
  });
  const gauge = (name: string, value: number): Record<string, unknown> => ({
    type: "GAUGE",
    ...counter(name, value),
  });
  return {
    address: { socket_address: { address: host.address, port_value: host.port } },
    stats: [
      counter("cx_connect_fail", stats.cxConnectFail),
      counter("cx_total", stats.cxTotal),
      counter("rq_error", stats.rqError),
      counter("rq_success", stats.rqSuccess),
      counter("rq_timeout", stats.rqTimeout),
      counter("rq_total", stats.rqTotal),
      gauge("cx_active", stats.cxActive),
      gauge("rq_active", host.activeRequests),
      gauge("rq_pending_active", host.pendingStreams),
    ],
    health_status: healthStatusMessage(host),
    weight: host.weight,
    ...(host.hostname === "" ? {} : { hostname: host.hostname }),
    ...(host.priority === 0 ? {} : { priority: host.priority }),
    locality: {
      ...(locality?.region === undefined ? {} : { region: locality.region }),
      ...(locality?.zone === undefined ? {} : { zone: locality.zone }),
      ...(locality?.subZone === undefined ? {} : { sub_zone: locality.subZone }),
    },
  };
}

function healthFlagsText({ healthFlags }: Host): string {
  return healthFlags.length === 0 ? "healthy" : healthFlags.map((flag) => `/${flag}`).join("");
}

function healthStatusMessage({ healthStatus, activeHealth }: Host): Record<string, unknown> {
  const { failed, timedOut, degraded } = activeHealth;
  return {
    ...(failed ? { failed_active_health_check: true } : {}),
    eds_health_status: shownHealthStatus[healthStatus],
    ...(degraded ? { failed_active_degraded_check: true } : {}),
    ...(failed && timedOut ? { active_hc_timeout: true } : {}),
  };
}

/** Envoy does not keep apart what comes to the same. */
const shownHealthStatus = {
  UNKNOWN: "HEALTHY",
  HEALTHY: "HEALTHY",
  DEGRADED: "DEGRADED",
  UNHEALTHY: "UNHEALTHY",
  TIMEOUT: "UNHEALTHY",
  DRAINING: "DRAINING",
} as const;
