// For users: manifests in, Envoy configuration out.
export { analyze } from "./analyze/analyze.ts";
export { trafficOf } from "./knative/routes.ts";
export { type Io, main } from "./main.ts";
// For other packages: what the manifests say.
export { expandManifestPaths, loadManifests } from "./manifest-files.ts";
export { formatProblem, hasErrors, type Problem, type Severity } from "./problem.ts";
export { type ManifestFile, type Manifests, readManifests } from "./read-manifests.ts";
export { type RenderOptions, renderWorkload, UnknownWorkloadError } from "./render/bootstrap.ts";
export type { KnativeApplication, Resources, Revision } from "./resources.ts";
export { writeYaml } from "./write-yaml.ts";
