import { siteOf } from "../decode/sites.ts";
import type { VirtualService } from "../kinds/virtual-service.ts";
import { type Problem, problemAt } from "../problem.ts";
import type { Resources } from "../resources.ts";

/** IST0130 for rules that no request reaches, IST0131 for matches that an earlier rule already has. */
export function unreachableRules(resources: Resources): Problem[] {
  return resources.virtualServices.flatMap(unreachable);
}

function unreachable({ spec }: VirtualService): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  let open: number | undefined;
  for (const [index, rule] of (spec.http ?? []).entries()) {
    const matches = rule.match ?? [];
    if (open !== undefined) {
      const message = `rule ${index + 1} is never used: rule ${open + 1} has no match and takes everything`;
      problems.push(problemAt(siteOf(rule), message, { code: "IST0130", severity: "warning" }));
      continue;
    }
    if (matches.length === 0) open = index;
    let duplicates = 0;
    for (const match of matches) {
      const key = JSON.stringify(match, sortedKeys);
      const earlier = seen.get(key);
      if (earlier === undefined) {
        seen.set(key, index);
        continue;
      }
      duplicates += 1;
      const message = `the match is already that of rule ${earlier + 1}`;
      problems.push(problemAt(siteOf(match), message, { code: "IST0131", severity: "info" }));
    }
    if (matches.length > 0 && duplicates === matches.length) {
      const message = `rule ${index + 1} is never used: earlier rules have all of its matches`;
      problems.push(problemAt(siteOf(rule), message, { code: "IST0130", severity: "warning" }));
    }
  }
  return problems;
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
