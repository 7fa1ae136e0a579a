/** What Envoy checks while it loads: names that have to exist, names that may exist once, filters that have to be last. */
import type { Bootstrap } from "../bootstrap.ts";
import type { Environment } from "../data-source-bytes.ts";
import type { Report } from "../decode/scope.ts";
import { checkClusters } from "./check-clusters.ts";
import { checkListeners } from "./check-listeners.ts";

export function checkBootstrap(bootstrap: Bootstrap, report: Report, env: Environment): void {
  checkClusters(bootstrap, report, env);
  checkListeners(bootstrap, report, env);
}
