import { namespaceOf } from "../kinds/resource.ts";
import type { Telemetry, TelemetryTracing } from "../kinds/telemetry.ts";
import { byAge, type Mesh } from "../model/mesh.ts";
import { selects } from "../model/visibility.ts";
import { rootNamespace, type Workload } from "../model/workloads.ts";

/** A proxy's listeners as Telemetry tells them apart: CLIENT is outbound and gateway, SERVER inbound. */
export type TrafficMode = "CLIENT" | "SERVER";

/**
 * The tracing settings in force: those of the workload's own Telemetry over the namespace's over the root namespace's, field by
 * field. `undefined` when no Telemetry speaks of tracing.
 */
export function telemetryTracing(
  mesh: Mesh,
  workload: Workload,
  mode: TrafficMode,
): TelemetryTracing | undefined {
  const levels = telemetriesFor(mesh, workload);
  const settings = levels
    .flatMap(({ spec }) => spec.tracing ?? [])
    .filter(({ match }) => {
      const wanted = match?.mode ?? "CLIENT_AND_SERVER";
      return wanted === "CLIENT_AND_SERVER" || wanted === mode;
    });
  if (settings.length === 0) return undefined;
  const merged: TelemetryTracing = Object.assign({}, ...settings);
  return merged;
}

/** From the widest to the narrowest; of several on one level the oldest counts. */
export function telemetriesFor(mesh: Mesh, workload: Workload): Telemetry[] {
  const all = byAge(mesh.resources.telemetries);
  const labelsOf = ({ spec }: Telemetry) => spec.selector?.matchLabels ?? {};
  const general = (namespace: string) =>
    all.find((item) => namespaceOf(item) === namespace && Object.keys(labelsOf(item)).length === 0);
  const own = all.find(
    (item) =>
      namespaceOf(item) === workload.namespace &&
      Object.keys(labelsOf(item)).length > 0 &&
      selects(labelsOf(item), workload.labels),
  );
  const root = rootNamespace(mesh.resources);
  const levels = [
    general(root),
    workload.namespace === root ? undefined : general(workload.namespace),
  ];
  return [...levels, own].filter((item) => item !== undefined);
}
