import { meshOf } from "../model/mesh.ts";
import type { Problem } from "../problem.ts";
import type { Resources } from "../resources.ts";
import { conflicts } from "./conflicts.ts";
import { destinationRules } from "./destination-rules.ts";
import { gateways } from "./gateways.ts";
import { knative } from "./knative.ts";
import { localPorts } from "./local-ports.ts";
import { references } from "./references.ts";
import { routeRules } from "./route-rules.ts";
import { services } from "./services.ts";
import { telemetries } from "./telemetries.ts";
import { unreachableRules } from "./unreachable-rules.ts";

/** Findings that need more than one field at a time, most of them more than one resource. */
export function analyze(resources: Resources): readonly Problem[] {
  const mesh = meshOf(resources);
  return [
    ...services(mesh),
    ...routeRules(resources),
    ...references(mesh),
    ...unreachableRules(resources),
    ...conflicts(mesh),
    ...gateways(mesh),
    ...destinationRules(mesh),
    ...telemetries(mesh),
    ...knative(resources),
    ...localPorts(mesh),
  ];
}
