/** The names of the clusters in the file. */
import type { Bootstrap } from "../bootstrap.ts";

export function knownClusters(bootstrap: Bootstrap): ReadonlySet<string> {
  return new Set(bootstrap.staticResources?.clusters.map(({ name }) => name));
}
