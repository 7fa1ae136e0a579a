import { readFileSync } from "node:fs";
import { readManifests } from "./read-manifests.ts";
import type { Resources } from "./resources.ts";

/** For tests: the resources of one text, which has to be free of problems. */
export function resourcesOf(...texts: readonly string[]): Resources {
  const files = texts.map((text, index) => ({ path: `manifest-${index + 1}.yaml`, text }));
  const { resources, problems } = readManifests(files);
  if (problems.some(({ severity }) => severity === "error")) {
    throw new Error(JSON.stringify(problems, undefined, 1));
  }
  return resources;
}

export function goldenText(name: string): string {
  return readFileSync(new URL(`../goldens/${name}`, import.meta.url), "utf8");
}

/** Follows keys and indexes into plain JSON; `undefined` where the way ends. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (here, key) => (here as Record<string | number, unknown>)?.[key],
    value,
  );
}
