import { siteOf } from "../decode/sites.ts";
import { namespaceOf, qualifiedName } from "../kinds/resource.ts";
import type { Telemetry } from "../kinds/telemetry.ts";
import type { Mesh } from "../model/mesh.ts";
import { annotatedProxyConfig } from "../model/proxy-config.ts";
import { selects } from "../model/visibility.ts";
import { type Problem, problemAt } from "../problem.ts";
import { telemetryTracing } from "../render/telemetry.ts";
import { collectorCluster } from "../render/tracing.ts";
import { among } from "./references.ts";

/** Providers that are not there, several Telemetry resources for one workload, and settings that switch tracing off. */
export function telemetries(mesh: Mesh): Problem[] {
  return [
    ...mesh.resources.telemetries.flatMap((telemetry) => providers(mesh, telemetry)),
    ...rivals(mesh),
    ...switchedOff(mesh),
    ...mesh.workloads.flatMap((workload) => annotatedProxyConfig(workload).problems),
  ];
}

function providers(mesh: Mesh, { spec }: Telemetry): Problem[] {
  const known = mesh.resources.meshConfig.extensionProviders ?? [];
  return (spec.tracing ?? []).flatMap(({ providers: used = [] }) =>
    used.flatMap((reference) => {
      const at = siteOf(reference, "name");
      const provider = known.find(({ name }) => name === reference.name);
      if (provider === undefined) {
        const message = `unknown provider ${JSON.stringify(reference.name)}: in MeshConfig's extensionProviders ${among(known.map(({ name }) => name))}`;
        return [problemAt(at, message)];
      }
      if (provider.zipkin === undefined) {
        return [
          problemAt(at, `not supported: provider ${reference.name} is not a zipkin provider`),
        ];
      }
      if (collectorCluster(mesh, provider.zipkin) !== undefined) return [];
      const { service, port } = provider.zipkin;
      const message = `provider ${reference.name} reports to ${service}:${port}, which is no Service: no span would leave`;
      return [problemAt(at, message)];
    }),
  );
}

/** IST0159 and IST0160: only the oldest of them would count. */
function rivals(mesh: Mesh): Problem[] {
  const all = mesh.resources.telemetries;
  const labelsOf = ({ spec }: Telemetry) => spec.selector?.matchLabels ?? {};
  return all.flatMap((telemetry, index) => {
    const before = all
      .slice(0, index)
      .filter((other) => namespaceOf(other) === namespaceOf(telemetry));
    const own = labelsOf(telemetry);
    const at = siteOf(telemetry.metadata, "name");
    if (Object.keys(own).length === 0) {
      const other = before.find((item) => Object.keys(labelsOf(item)).length === 0);
      if (other === undefined) return [];
      const message = `Telemetry ${qualifiedName(other)} is already for all of namespace ${namespaceOf(telemetry)}`;
      return [problemAt(at, message, { code: "IST0160" })];
    }
    const shared = mesh.workloads.find(
      ({ namespace, labels }) =>
        namespace === namespaceOf(telemetry) &&
        selects(own, labels) &&
        before.some(
          (item) => Object.keys(labelsOf(item)).length > 0 && selects(labelsOf(item), labels),
        ),
    );
    if (shared === undefined) return [];
    const message = `another Telemetry already selects workload ${shared.name}`;
    return [problemAt(at, message, { code: "IST0159" })];
  });
}

function switchedOff(mesh: Mesh): Problem[] {
  if ((mesh.resources.meshConfig.defaultProviders?.tracing ?? []).length > 0) return [];
  const off = mesh.workloads.filter((workload) => {
    if (workload.proxy === "none") return false;
    const tracing = telemetryTracing(mesh, workload, "CLIENT");
    return (
      tracing !== undefined &&
      tracing.providers === undefined &&
      tracing.disableSpanReporting !== true
    );
  });
  const [first] = off;
  const [telemetry] = mesh.resources.telemetries.filter(({ spec }) => spec.tracing !== undefined);
  if (first === undefined || telemetry === undefined) return [];
  const names = off.map(({ name }) => name).join(", ");
  const message = `no Telemetry gives ${names} a provider and MeshConfig has no defaultProviders: tracing is off`;
  const at = siteOf(telemetry.spec, "tracing");
  return [problemAt(at, message, { code: "IST0157", severity: "warning" })];
}
