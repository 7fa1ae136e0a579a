import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { analyze } from "./analyze/analyze.ts";
import { type Problem, sortProblems } from "./problem.ts";
import { type ManifestFile, readManifests } from "./read-manifests.ts";
import type { Resources } from "./resources.ts";

/** A folder stands for the .yaml, .yml and .json files directly in it, by name, as for `kubectl apply -f`. */
export function expandManifestPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => /\.(?:ya?ml|json)$/.test(name));
    return names.sort().map((name) => join(path, name));
  });
}

export interface LoadedManifests {
  readonly files: readonly string[];
  readonly resources: Resources;
  /** Of reading and of analysing, by place. */
  readonly problems: readonly Problem[];
}

export function loadManifests(paths: readonly string[]): LoadedManifests {
  const files = expandManifestPaths(paths);
  const manifests: ManifestFile[] = files.map((path) => ({
    path,
    text: readFileSync(path, "utf8"),
  }));
  const { resources, problems } = readManifests(manifests);
  return { files, resources, problems: sortProblems([...problems, ...analyze(resources)], files) };
}
