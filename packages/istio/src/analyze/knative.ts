import { siteOf } from "../decode/sites.ts";
import { knativeDomain } from "../knative/domains.ts";
import { trafficOf } from "../knative/routes.ts";
import { type Problem, problemAt } from "../problem.ts";
import type { KnativeApplication, Resources } from "../resources.ts";
import { among } from "./references.ts";

/** Traffic that does not add up, or goes to a revision that never was. */
export function knative(resources: Resources): Problem[] {
  const problems = resources.knativeApplications.flatMap(traffic);
  const [first] = resources.knativeApplications;
  if (first !== undefined && knativeDomain(resources) === undefined) {
    const message =
      "no domain for Knative Services: without a ConfigMap knative-serving/config-domain they have no name at the gateway";
    const at = siteOf(first.service.metadata, "name");
    problems.push(problemAt(at, message, { severity: "warning" }));
  }
  return problems;
}

function traffic(application: KnativeApplication): Problem[] {
  const targets = trafficOf(application);
  const problems: Problem[] = [];
  const total = targets.reduce((sum, { percent = 0 }) => sum + percent, 0);
  const { spec } = application.service;
  if (total !== 100) {
    const message = `the percentages of traffic add up to ${total}, not to 100`;
    problems.push(problemAt(siteOf(spec, "traffic"), message));
  }
  const revisions = application.revisions.map(({ name }) => name);
  const tags = new Set<string>();
  for (const target of spec.traffic ?? []) {
    const { revisionName, tag } = target;
    if (revisionName !== undefined && !revisions.includes(revisionName)) {
      const message = `unknown revision ${JSON.stringify(revisionName)}: ${among(revisions)}; earlier revisions come from earlier versions of the manifest, given before it`;
      problems.push(problemAt(siteOf(target, "revisionName"), message));
    }
    if (tag !== undefined && tags.has(tag)) {
      problems.push(problemAt(siteOf(target, "tag"), `tag ${tag} is there twice`));
    }
    if (tag !== undefined) tags.add(tag);
  }
  return problems;
}
