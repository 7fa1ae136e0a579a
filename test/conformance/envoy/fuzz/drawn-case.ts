/** An exchange that was drawn, as a case that is compared like the recorded ones. */
import type { CaseDefinition, CaseRequest } from "../rig/recorded-case.ts";

export function drawnCase(
  envoyYaml: string,
  request: CaseRequest,
  { upstream = {}, hasAccessLog = false }: Partial<CaseDefinition> = {},
): CaseDefinition {
  return { name: "fuzz", description: "", envoyYaml, requests: [request], upstream, hasAccessLog };
}
