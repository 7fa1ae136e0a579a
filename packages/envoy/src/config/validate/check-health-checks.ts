/** Health checks of a cluster: rules that Envoy applies when it puts them to work. */
import type { Cluster } from "../cluster.ts";
import type { Report } from "../decode/scope.ts";
import type { HealthCheck, Payload, StatusRange } from "../health-check.ts";
import { upstreamProtocolOptionsKey } from "../upstream-protocol-options.ts";
import { problemAt } from "./problem-at.ts";

export function checkHealthChecks(cluster: Cluster, report: Report): void {
  for (const check of cluster.healthChecks) {
    if (check.grpcHealthCheck !== undefined && !speaksHttp2(cluster)) {
      const rule = `${cluster.name} cluster must support HTTP/2 for gRPC healthchecking`;
      problem(check, "grpc_health_check", rule, report);
    }
    for (const range of check.httpHealthCheck?.expectedStatuses ?? [])
      checkRange(range, "expected", report);
    for (const range of check.httpHealthCheck?.retriableStatuses ?? [])
      checkRange(range, "retriable", report);
    checkPayloads(check, report);
  }
}

function speaksHttp2(cluster: Cluster): boolean {
  const options = cluster.typedExtensionProtocolOptions[upstreamProtocolOptionsKey];
  if (options?.explicitHttpConfig !== undefined)
    return options.explicitHttpConfig.http2ProtocolOptions !== undefined;
  if (options?.useDownstreamProtocolConfig !== undefined)
    return options.useDownstreamProtocolConfig.http2ProtocolOptions !== undefined;
  return options?.autoConfig !== undefined || cluster.http2ProtocolOptions !== undefined;
}

function checkRange(range: StatusRange, kind: "expected" | "retriable", report: Report): void {
  const { start, end } = range;
  const lead = `Invalid http ${kind} status range: expecting`;
  if (start >= end) {
    problem(
      range,
      undefined,
      `${lead} start < end, but found start=${start} and end=${end}`,
      report,
    );
  } else if (start < 100) {
    problem(range, "start", `${lead} start >= 100, but found start=${start}`, report);
  } else if (end > 600) {
    problem(range, "end", `${lead} end <= 600, but found end=${end}`, report);
  }
}

function checkPayloads({ tcpHealthCheck }: HealthCheck, report: Report): void {
  if (tcpHealthCheck === undefined) return;
  const payloads: Payload[] = [...tcpHealthCheck.receive];
  if (tcpHealthCheck.send !== undefined) payloads.unshift(tcpHealthCheck.send);
  for (const payload of payloads) {
    const { text } = payload;
    if (text !== undefined && !/^(?:[0-9A-Fa-f]{2})*$/.test(text))
      problem(payload, "text", `invalid hex string '${text}'`, report);
  }
}

function problem(at: object, field: string | undefined, rule: string, report: Report): void {
  const where = field === undefined ? {} : { field };
  problemAt(at, { stage: "clusters", ...where, message: rule, envoyMessage: rule }, report);
}
