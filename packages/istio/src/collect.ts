import { isDeepStrictEqual } from "node:util";
import { LineCounter, parseDocument } from "yaml";
import { maxValues, rootCursor } from "./decode/cursor.ts";
import { siteOf } from "./decode/sites.ts";
import type { KnativeService } from "./kinds/knative-service.ts";
import { type MeshConfig, meshConfig } from "./kinds/mesh-config.ts";
import type { ConfigMap } from "./kinds/plain.ts";
import type { AnyResource } from "./kinds/registry.ts";
import { qualifiedName } from "./kinds/resource.ts";
import { type Problem, problemAt } from "./problem.ts";
import type { ManifestFile } from "./read-manifests.ts";
import type { KnativeApplication, Resources, Revision } from "./resources.ts";

interface Found {
  readonly resource: AnyResource;
  readonly file: ManifestFile;
}

/** Sorts resources by kind; the last of a name counts, and Knative Services leave their revisions behind. */
export function collect(found: readonly Found[], problems: Problem[]): Resources {
  const latest = new Map<string, Found>();
  const knative = new Map<string, KnativeService[]>();
  for (const item of found) {
    const key = `${item.resource.kind} ${qualifiedName(item.resource)}`;
    const earlier = latest.get(key);
    if (earlier?.file === item.file) {
      const first = siteOf(earlier.resource);
      const at = siteOf(item.resource.metadata, "name");
      const message = `${key} is already there, at line ${first.line} of the same file`;
      problems.push(problemAt(at, message));
    }
    // Deleting first keeps the order of the files that count.
    latest.delete(key);
    latest.set(key, item);
    if (item.resource.kind === "KnativeService") {
      knative.set(key, [...(knative.get(key) ?? []), item.resource]);
    }
  }
  const resources = [...latest.values()].map(({ resource }) => resource);
  const of = <K extends AnyResource["kind"]>(kind: K) =>
    resources.filter((item): item is Extract<AnyResource, { kind: K }> => item.kind === kind);
  const configMaps = of("ConfigMap");
  return {
    meshConfig: readMeshConfig(configMaps, found, problems),
    configMaps,
    namespaces: of("Namespace"),
    serviceAccounts: of("ServiceAccount"),
    services: of("Service"),
    deployments: of("Deployment"),
    pods: of("Pod"),
    endpointSlices: of("EndpointSlice"),
    virtualServices: of("VirtualService"),
    destinationRules: of("DestinationRule"),
    gateways: of("Gateway"),
    serviceEntries: of("ServiceEntry"),
    workloadEntries: of("WorkloadEntry"),
    telemetries: of("Telemetry"),
    knativeApplications: [...knative.values()].flatMap(application),
  };
}

/** The ConfigMap `istio` of the control plane's namespace holds MeshConfig as text. */
function readMeshConfig(
  configMaps: readonly ConfigMap[],
  found: readonly Found[],
  problems: Problem[],
): MeshConfig {
  const holder = configMaps.find((item) => qualifiedName(item) === "istio-system/istio");
  const text = holder?.data?.["mesh"];
  if (holder?.data === undefined || text === undefined) return {};
  const key = siteOf(holder.data, "mesh");
  // In a block scalar the text starts on the line below its key.
  const file = found.find(({ resource }) => resource === holder)?.file;
  const firstLine = file?.text.split("\n")[key.line] ?? "";
  const indent = firstLine.length - firstLine.trimStart().length;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const inner: Problem[] = [];
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    const message = error.message.split(/ at line |\n/)[0] ?? error.code;
    inner.push(problemAt({ file: key.file, line, column: col }, `YAML: ${message}`));
  }
  const source = { file: key.file, document, lines, problems: inner, budget: maxValues };
  const decoded = document.errors.length > 0 ? undefined : meshConfig(rootCursor(source));
  for (const problem of inner) {
    const { line, column } = problem;
    problems.push({ ...problem, line: line + key.line, column: column + indent });
  }
  return decoded ?? {};
}

/** A revision for every version of the template; the number counts the versions, as Knative's generation does. */
function application(versions: readonly KnativeService[]): KnativeApplication[] {
  const service = versions.at(-1);
  if (service === undefined) return [];
  const revisions: Revision[] = [];
  for (const { metadata, spec } of versions) {
    const { template } = spec;
    if (isDeepStrictEqual(revisions.at(-1)?.template, template)) continue;
    const number = String(revisions.length + 1).padStart(5, "0");
    revisions.push({ name: template.metadata?.name ?? `${metadata.name}-${number}`, template });
  }
  return [{ service, revisions }];
}
