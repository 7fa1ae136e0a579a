import { siteOf } from "../decode/sites.ts";
import {
  applicationPort,
  inboundListenPort,
  inboundPorts,
  parsePortAnnotation,
  portAnnotations,
} from "../model/local-ports.ts";
import type { Mesh } from "../model/mesh.ts";
import type { Workload } from "../model/workloads.ts";
import { type Problem, problemAt } from "../problem.ts";

/** The `tracemesh.dev/...-port` annotations: readable, and no port given to two workloads of one machine. */
export function localPorts(mesh: Mesh): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<number, string>();
  for (const workload of mesh.workloads) {
    for (const [what, annotation] of Object.entries(portAnnotations)) {
      const value = workload.annotations[annotation];
      if (value === undefined) continue;
      const at = siteOf(workload.annotations, annotation);
      const parsed = parsePortAnnotation(value);
      const onlyNumber = what === "outbound" || what === "admin";
      if (parsed === undefined || (onlyNumber && typeof parsed !== "number")) {
        const allowed = onlyNumber ? "a port" : "a port or pairs such as 9080:15106,9090:15107";
        problems.push(problemAt(at, `${annotation} ${JSON.stringify(value)} is not ${allowed}`));
        continue;
      }
      // Revisions of one Knative Service share its annotations, and the process behind them.
      if (workload.kind === "Revision") continue;
      for (const port of new Set(usedPorts(mesh, workload, what, parsed))) {
        const owner = taken.get(port);
        if (owner !== undefined) {
          problems.push(
            problemAt(at, `port ${port} of ${workload.name} is already that of ${owner}`),
          );
        }
        taken.set(port, workload.name);
      }
    }
  }
  return problems;
}

function usedPorts(
  mesh: Mesh,
  workload: Workload,
  what: string,
  parsed: number | Map<number, number>,
): number[] {
  if (typeof parsed === "number" && what !== "inbound") return [parsed];
  const targets = inboundPorts(mesh.services, workload).map(({ targetPort }) => targetPort);
  if (workload.proxy === "gateway")
    return typeof parsed === "number" ? [parsed] : [...parsed.values()];
  return targets.map((target) =>
    what === "inbound"
      ? inboundListenPort(workload, targets, target)
      : applicationPort(workload, target),
  );
}
