// For users: manifests in, Envoy configuration out.
export { analyze } from "./analyze/analyze.ts";
// For other packages: what the manifests say, and a proxy that follows them.
export { type Arguments, parseArguments } from "./arguments.ts";
export { trafficOf } from "./knative/routes.ts";
export { type Io, main } from "./main.ts";
export { expandManifestPaths, loadManifests } from "./manifest-files.ts";
export { formatProblem, hasErrors, type Problem, type Severity } from "./problem.ts";
export { type ReloadingProxy, runProxy, type StartProxy } from "./proxy.ts";
export { type ManifestFile, type Manifests, readManifests } from "./read-manifests.ts";
export { type RenderOptions, renderWorkload, UnknownWorkloadError } from "./render/bootstrap.ts";
export type { KnativeApplication, Resources, Revision } from "./resources.ts";
export { writeYaml } from "./write-yaml.ts";
