// For users: manifests in, Envoy configuration out.

export { formatProblem, type Problem, type Severity } from "./problem.ts";
export { type ManifestFile, type Manifests, readManifests } from "./read-manifests.ts";
export type { Resources } from "./resources.ts";
