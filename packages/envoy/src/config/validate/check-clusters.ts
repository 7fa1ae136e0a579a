/** Clusters: names once, endpoints for those that need them, addresses that fit the type. */
import { isIP } from "node:net";
import type { Bootstrap } from "../bootstrap.ts";
import type { Cluster } from "../cluster.ts";
import type { Environment } from "../data-source-bytes.ts";
import type { Report } from "../decode/scope.ts";
import { checkHealthChecks } from "./check-health-checks.ts";
import { checkTlsContext } from "./check-tls-context.ts";
import { problemAt } from "./problem-at.ts";

export function checkClusters(bootstrap: Bootstrap, report: Report, env: Environment): void {
  const seen = new Set<string>();
  for (const cluster of bootstrap.staticResources?.clusters ?? []) {
    if (seen.has(cluster.name)) {
      const message = `there is a cluster called ${JSON.stringify(cluster.name)} already`;
      problem(
        cluster,
        "name",
        message,
        `cluster manager: duplicate cluster '${cluster.name}'`,
        report,
      );
    }
    seen.add(cluster.name);
    if (cluster.transportSocket?.config.type === "UpstreamTlsContext")
      checkTlsContext(cluster.transportSocket.config, report, env);
    checkHealthChecks(cluster, report);
    checkLoadAssignment(cluster, report);
  }
}

function checkLoadAssignment(cluster: Cluster, report: Report): void {
  const { type = "STATIC", loadAssignment } = cluster;
  const endpoints = (loadAssignment?.endpoints ?? []).flatMap(({ lbEndpoints }) => lbEndpoints);
  if (type === "LOGICAL_DNS" && endpoints.length !== 1) {
    const rule =
      "LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint";
    problem(cluster, "load_assignment", `${rule}, received ${endpoints.length}`, rule, report);
  }
  if (type !== "STATIC") return;
  for (const { endpoint } of endpoints) {
    const { address } = endpoint.address;
    if (isIP(address) !== 0) continue;
    const envoyMessage = `malformed IP address: ${address}. Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'`;
    const message = `${JSON.stringify(address)} is not an IP address: a STATIC cluster needs one, STRICT_DNS or LOGICAL_DNS resolve names`;
    problemAt(endpoint.address, { stage: "clusters", message, envoyMessage }, report);
  }
}

function problem(
  cluster: Cluster,
  field: string,
  message: string,
  envoyMessage: string,
  report: Report,
): void {
  problemAt(cluster, { stage: "clusters", field, message, envoyMessage }, report);
}
